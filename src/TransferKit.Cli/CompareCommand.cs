using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace TransferKit.Cli;

/// <summary><c>transferkit compare</c>: what int8 or float16 costs, in features.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "The folder of images to compare on, and of those below it; best others than those of --calibration." };
        var model = new ModelOptions(includeTop: false, Pooling.Avg);
        var images = new ImageOptions();
        var json = new Option<bool>("--json") { Description = "Print JSON, with the similarity of each image." };
        model.Precision.Description = "int8 (the default), which needs --calibration, or float16.";
        model.Precision.DefaultValueFactory = _ => Precision.Int8;
        var command = new Command("compare", "Tell how close a network's features in int8 or float16 are to those in floats.")
        {
            folder, model.Backbone, images.Interpolation, images.ExifOrientation, json,
        };
        foreach (var option in model.All)
            command.Add(option);

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (name, options) = model.Read(parsed, images.Read(parsed));
            // First, so that options that do not fit are told before anything is downloaded.
            using var close = await Terminal.LoadAsync(name, options, cancellationToken).ConfigureAwait(false);
            using var floats = await Terminal.LoadAsync(name, options with { Precision = Precision.Float32, Calibration = null }, cancellationToken).ConfigureAwait(false);
            var report = PrecisionReport.Compare(floats, close, parsed.GetRequiredValue(folder), cancellationToken: cancellationToken);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new
                {
                    name = close.Name,
                    images = report.Images,
                    mean_cosine = report.MeanCosine,
                    least_cosine = report.LeastCosine,
                    top1_agreement = report.Top1Agreement,
                    cosines = report.Cosines,
                }, Terminal.Indented)
                : string.Create(CultureInfo.InvariantCulture, $"{close.Name}, {options.Precision.ToString().ToLowerInvariant()} against float32: {report}"));
        });
        return command;
    }
}
