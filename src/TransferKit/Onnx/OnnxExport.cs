using Google.Protobuf;
using Onnx;
using TransferKit.WeightSources;

namespace TransferKit.Onnx;

/// <summary>Writes a model as a file for others: one <c>.onnx</c>, or an <c>.onnx</c> and an <c>.onnx.data</c> beside it.</summary>
internal static class OnnxExport
{
    /// <summary>What every exported file says of itself.</summary>
    public static KeyValuePair<string, string>[] Metadata(string name, PreprocessMode preprocess) =>
    [
        new("transferkit.version", typeof(OnnxExport).Assembly.GetName().Version!.ToString(3)),
        new("keras.name", name),
        new("keras.preprocess", preprocess.ToString().ToLowerInvariant()),
    ];

    /// <summary>
    /// Replaces <paramref name="path"/> when everything is written; a failed or cancelled export leaves what was there.
    /// </summary>
    /// <param name="model">The model, translated for the input form that the file shall take.</param>
    /// <param name="weights">The numbers.</param>
    /// <param name="path">The target, <c>NAME.onnx</c>.</param>
    /// <param name="metadata">What readers of the file should know; ONNX' <c>metadata_props</c>.</param>
    /// <param name="largestFile">Beyond this many bytes the weights go beside the model: protobuf's limit, less in tests.</param>
    /// <param name="cancellation">Stops between pieces of weights.</param>
    public static void Write(
        OnnxModel model, IWeightSource weights, string path, IEnumerable<KeyValuePair<string, string>> metadata,
        long largestFile = EmbeddedWeights.LargestFile, CancellationToken cancellation = default)
    {
        model = model.With(metadata);
        var unfinished = $"{path}.{Guid.NewGuid():N}.unfinished";
        var unfinishedData = unfinished + ".data";
        try
        {
            if (EmbeddedWeights.SizeOf(model) <= largestFile)
            {
                using var file = Create(unfinished);
                EmbeddedWeights.Write(model, weights, file, cancellation);
            }
            else
            {
                // The model names the data file, so that comes first: a model that is there has its data.
                ModelProto proto;
                using (var data = Create(unfinishedData))
                    proto = ExternalWeights.Write(model, weights, data, Path.GetFileName(path) + ".data", cancellation);
                using (var file = Create(unfinished))
                    proto.WriteTo(file);
                // Should the two moves be torn apart, a missing model is better than an old one with new weights.
                File.Delete(path);
                File.Move(unfinishedData, path + ".data", overwrite: true);
            }
            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            File.Delete(unfinishedData);
            throw;
        }
    }

    private static FileStream Create(string path) => new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
}
