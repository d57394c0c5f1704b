using Microsoft.ML;
using Microsoft.ML.Data;

namespace TransferKit.ML;

/// <summary>Makes the getters of the column of features.</summary>
internal static class FeatureGetter
{
    /// <exception cref="InvalidOperationException">The caller asks for another type than the column has.</exception>
    public static ValueGetter<TValue> Of<TValue>(ValueGetter<VBuffer<float>> getter) => getter is ValueGetter<TValue> own
        ? own
        : throw new InvalidOperationException($"The features are VBuffer<float>, not {typeof(TValue).Name}.");

    public static void Copy(ReadOnlyMemory<float> features, ref VBuffer<float> values)
    {
        var editor = VBufferEditor.Create(ref values, features.Length);
        features.Span.CopyTo(editor.Values);
        values = editor.Commit();
    }
}
