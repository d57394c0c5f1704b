using TransferKit.Common;
using TransferKit.Onnx.Files;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Files;

namespace TransferKit.Backbones;

/// <summary>Writes a backbone to files for other programs: its ONNX model, or its weights for Keras.</summary>
internal static class BackboneExporter
{
    public static async Task WriteOnnxAsync(
        BackbonePlan plan, string path, OnnxInput input, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken)
    {
        OutputTarget.OfWritable(path, ".onnx");
        var store = new WeightStore(plan.Options.Store);
        using var weights = await BackboneLoader.OpenWeightsAsync(plan, store, progress, cancellationToken).ConfigureAwait(false);
        WriteOnnx(plan, BackboneLoader.CompilerOptions(plan, store), weights, path, input, cancellationToken);
    }

    /// <summary>Writes any network with open weights as an <c>.onnx</c> file.</summary>
    public static void WriteOnnx(
        INetwork network, CompilerOptions options, IWeightSource weights, string path, OnnxInput input,
        CancellationToken cancellationToken) =>
        OutputFileException.Wrapping(path, () =>
        {
            var form = InputForm.Pixels(
                input == OnnxInput.Bytes ? PixelType.Byte : PixelType.Float,
                input == OnnxInput.Prepared ? PreprocessMode.None : network.Preprocess);
            var model = new ModelCompiler(network, options).ForFile(form, weights, cancellationToken);
            var metadata = OnnxExport.Metadata(network.Graph.Name, network.Preprocess);
            OnnxExport.Write(model, weights, path, metadata, cancellation: cancellationToken);
        });

    public static async Task WriteWeightsAsync(
        BackbonePlan plan, string path, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken)
    {
        OutputTarget.OfWritable(path, ".h5");
        var store = new WeightStore(plan.Options.Store);
        using var weights = await BackboneLoader.OpenWeightsAsync(plan, store, progress, cancellationToken).ConfigureAwait(false);
        LegacyH5Writer.Write(path, plan.Graph, weights, cancellationToken);
    }
}
