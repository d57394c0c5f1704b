using Google.Protobuf;
using Onnx;
using TransferKit.Common;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Files;

/// <summary>Exports a model as one <c>.onnx</c> file, or as an <c>.onnx</c> and an <c>.onnx.data</c> file if it is too large.</summary>
internal static class OnnxExport
{
    /// <summary>Creates the metadata of every exported file.</summary>
    public static KeyValuePair<string, string>[] Metadata(string name, PreprocessMode preprocess) =>
    [
        new("transferkit.version", typeof(OnnxExport).Assembly.GetName().Version!.ToString(3)),
        new("keras.name", name),
        new("keras.preprocess", preprocess.ToString().ToLowerInvariant()),
    ];

    /// <summary>
    /// Writes the files and then replaces <paramref name="path"/>. A failed or cancelled export leaves an existing file unchanged.
    /// </summary>
    /// <param name="model">The model, translated for the input form of the file.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="path">The path of the target, <c>NAME.onnx</c>.</param>
    /// <param name="metadata">The entries of ONNX' <c>metadata_props</c>.</param>
    /// <param name="largestFile">The size in bytes beyond which the weights get a file of their own. Tests lower it.</param>
    /// <param name="cancellation">The token that stops the export between pieces of weights.</param>
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
        // The data file is written first, so that an existing model always has its data.
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
        // If the process ends between the two renames, a missing model is better than an old one with new weights.
        File.Delete(target.File);
        data.Commit();
        file.Commit();
    }
}
