using System.CommandLine;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit export</c>, which writes a backbone as an ONNX file for any runtime.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "Keras' name of the network." };
        var model = new ModelOptions(includeTop: true);
        var input = new Option<OnnxInput>("--input")
        {
            Description = "The model's input: bytes or floats (n x h x w x 3, RGB 0..255), or prepared (floats after preprocess_input).",
        };
        var output = new Option<string>("--out", "-o")
        {
            Description = "The .onnx file to write. Weights of more than 2 GB are in a .data file beside it.",
            Required = true,
            Validators = { OutputPath.Check("--out") },
        };
        var images = new ImageOptions();
        var command = new Command("export", "Write a network with its weights and its preprocessing as an .onnx file.")
        {
            name, input, output, images.Interpolation, images.ExifOrientation,
        };
        foreach (var option in model.All)
            command.Add(option);

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (backbone, options) = model.Read(parsed, images.Read(parsed), parsed.GetRequiredValue(name));
            var target = parsed.GetRequiredValue(output);
            await Terminal.ExportAsync(backbone, target, options, parsed.GetValue(input), cancellationToken).ConfigureAwait(false);
            // Pipes and devices have no length to print.
            var size = new FileInfo(target) is { Exists: true, Length: > 0 and var length } ? $", {length / 1e6:0.0} MB" : "";
            Console.WriteLine($"{target}: {backbone}{size}");
        });
        return command;
    }
}
