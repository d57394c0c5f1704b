using Google.Protobuf;
using Onnx;
using TransferKit.Common;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Files;

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
        var target = OutputTarget.Of(path);
        model = model.With(metadata);
        if (EmbeddedWeights.SizeOf(model) <= largestFile)
        {
            AtomicFile.Write(target, stream => EmbeddedWeights.Write(model, weights, stream, cancellation));
            return;
        }
        target.ThrowIfStream("its weights take a second file beside it");
        var dataTarget = OutputTarget.Of(target.File + ".data");
        using var data = new AtomicFile(dataTarget);
        using var file = new AtomicFile(target);
        // The model names the data file, so that comes first: a model that is there has its data.
        ModelProto proto;
        using (var stream = data.Create())
        {
            proto = ExternalWeights.Write(model, weights, stream, Path.GetFileName(dataTarget.Path), cancellation);
            stream.Flush(flushToDisk: true);
        }
        using (var stream = file.Create())
        {
            proto.WriteTo(stream);
            stream.Flush(flushToDisk: true);
        }
        // Should the process end between the two moves, a missing model is better than an old one with new weights.
        File.Delete(target.File);
        data.Commit();
        file.Commit();
    }
}
