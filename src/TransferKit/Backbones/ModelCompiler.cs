using TransferKit.Onnx;
using TransferKit.Onnx.Files;
using TransferKit.Onnx.Plan;
using TransferKit.Quantization;
using TransferKit.WeightSources;

namespace TransferKit.Backbones;

/// <summary>Translates a network to ONNX in the requested precision, for the engine or for a file. Int8 is calibrated first.</summary>
internal sealed class ModelCompiler(INetwork network, CompilerOptions options)
{
    /// <summary>Gets the request for the engine. Its identity covers everything that determines results, except the weights.</summary>
    public ModelRequest ForEngine(IWeightSource weights, CancellationToken cancellationToken)
    {
        // Other devices lack our operators, as an execution provider of ConfigureSession may.
        var isStandard = options is not { Device: ExecutionDevice.Cpu, ConfigureSession: null };
        var images = options.Calibration?.Fingerprint(cancellationToken);
        var outputs = network.Outputs;
        return new()
        {
            Signature = new(
                network.Graph.Name, network.Graph.Input.OutputShape, [.. outputs.Select(o => new ModelOutput(o.Name, o.OutputShape))]),
            Identity = $"{network.Identity} {string.Join(' ', outputs.Select(o => o.Name))}\n"
                + $"{options.Precision.ToString()} {isStandard} {(images is null ? "" : $"{network.Preprocess} {images}")}",
            Make = () => (isStandard, images) switch
            {
                (true, _) => Translate(InputForm.Planar, weights, images, cancellationToken),
                (false, null) => Rounded(OnnxWriter.TranslateForEngine(network.Graph, outputs)),
                (false, _) => OnnxWriter.ForEngine(Translate(InputForm.Planar, weights, images, cancellationToken)),
            },
        };
    }

    /// <summary>Translates to standard operators, as in an exported file.</summary>
    public OnnxModel ForFile(InputForm input, IWeightSource weights, CancellationToken cancellationToken) =>
        Translate(input, weights, options.Calibration?.Fingerprint(cancellationToken), cancellationToken);

    /// <param name="input">The form of the model's input.</param>
    /// <param name="weights">The weights, which calibration runs with.</param>
    /// <param name="images">The <see cref="Calibration.Fingerprint"/> of the calibration, if any.</param>
    /// <param name="cancellationToken">Token to cancel the calibration.</param>
    private OnnxModel Translate(InputForm input, IWeightSource weights, string? images, CancellationToken cancellationToken)
    {
        var model = Rounded(OnnxWriter.Translate(network.Graph, network.Outputs, input));
        if (options.Calibration is not { } calibration || images is null)
            return model;
        // The values inside do not depend on the form of the input, so one calibration serves all forms.
        var planar = input is InputForm.PlanarForm ? model : OnnxWriter.Translate(network.Graph, network.Outputs, InputForm.Planar);
        return Calibrator
            .Calibrate(
                planar, weights, calibration, images, network.InputSize, network.Preprocess, options.CacheFolder, cancellationToken)
            .Apply(model);
    }

    private OnnxModel Rounded(OnnxModel model) => options.Precision == Precision.Float16 ? Float16Writer.Apply(model) : model;
}
