using System.Globalization;

namespace TransferKit;

/// <summary>Represents a class that an image may show, with its score.</summary>
public sealed class Prediction
{
    internal Prediction(int index, string classId, string label, float score) =>
        (Index, ClassId, Label, Score) = (index, classId, label, score);

    /// <summary>Gets the index of the class in the output, 0..999 for ImageNet.</summary>
    public int Index { get; }

    /// <summary>Gets the class's WordNet id, such as <c>n02504458</c>; empty if the labels have none.</summary>
    public string ClassId { get; }

    /// <summary>Gets the name of the class, such as <c>African_elephant</c>.</summary>
    public string Label { get; }

    /// <summary>Gets the value of the output: a probability 0..1 after softmax, otherwise a logit.</summary>
    public float Score { get; }

    /// <summary>Refuses NaN, which would be sorted last, as the least likely class.</summary>
    internal static void ThrowIfNaN(ReadOnlySpan<float> scores, int sample)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            if (!float.IsNaN(scores[i]))
                continue;
            throw new ArgumentException(
                $"The score of class {i} of sample {sample} is NaN: check the model's weights and its input for NaN.", nameof(scores));
        }
    }

    /// <summary>Returns the class and its score: <c>African_elephant (n02504458): 0.8217</c>.</summary>
    public override string ToString() => ClassId.Length == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Label}: {Score:0.0000}")
        : string.Create(CultureInfo.InvariantCulture, $"{Label} ({ClassId}): {Score:0.0000}");
}
