using System.CommandLine;

namespace TransferKit.Cli;

/// <summary>
/// Implements <c>transferkit export</c>, which writes a backbone as an ONNX file for any runtime, or as a file that Keras opens.
/// </summary>
internal static class ExportCommand
{
    private static readonly string[] ForKeras = [".keras", ".h5"];

    public static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "Keras' name of the network.", Arity = ArgumentArity.ZeroOrOne };
        var model = new ModelOptions(includeTop: true);
        var input = new Option<OnnxInput>("--input")
        {
            Description = "The model's input: bytes or floats (n x h x w x 3, RGB 0..255), or prepared (floats after preprocess_input).",
        };
        var output = new Option<string>("--out", "-o")
        {
            Description = "The file to write: .onnx (weights of more than 2 GB are in a .data file beside it), or, for Keras 3, .keras, "
                + ".h5 (whole models) or .weights.h5 (weights alone).",
            Required = true,
            Validators = { OutputPath.Check("--out") },
        };
        var json = JsonOption.Create();
        var images = new ImageOptions();
        var whole = new WholeModelOptions("a name");
        var command = new Command(
            "export", "Write a network with its weights as an .onnx file with its preprocessing, or as a file that Keras opens.")
        {
            name, input, output, whole.Model, whole.Preprocess, whole.Labels, json,
        };
        foreach (var option in (IEnumerable<Option>)[.. images.Exact, .. model.All])
            command.Add(option);

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = whole.ReadPath(parsed, name, [.. model.NamesOnly]);
            OnnxModels.Refuse(path, "export writes such files from Keras' networks and models");
            var (backbone, options) = model.Read(parsed, images.Read(parsed), path ?? parsed.GetRequiredValue(name));
            var target = parsed.GetRequiredValue(output);
            var isForKeras = ForKeras.Any(extension => target.EndsWith(extension, StringComparison.OrdinalIgnoreCase));
            if (path is null && isForKeras)
                await Terminal.SaveKerasAsync(backbone, target, options, cancellationToken).ConfigureAwait(false);
            else if (path is null)
                await Terminal.ExportAsync(backbone, target, options, parsed.GetValue(input), cancellationToken).ConfigureAwait(false);
            else if (isForKeras)
                KerasModel.ExportKeras(path, target, whole.Read(parsed, options), cancellationToken);
            else if (TrainedModel.IsSavedAt(path))
                TrainedModel.ExportOnnx(path, target);
            else
                KerasModel.ExportOnnx(path, target, whole.Read(parsed, options), parsed.GetValue(input), cancellationToken);
            // Pipes and devices have no length to print.
            var size = new FileInfo(target) is { Exists: true, Length: > 0 and var length } ? length : (long?)null;
            if (parsed.GetValue(json))
                Terminal.Json(new { file = target, network = backbone, size });
            else
                Terminal.Line($"{target}: {backbone}{(size is null ? "" : FormattableString.Invariant($", {size / 1e6:0.0} MB"))}");
        });
        return command;
    }
}
