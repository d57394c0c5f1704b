using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace TransferKit.Cli;

/// <summary><c>transferkit compare</c>: what int8 costs, in features.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "The folder of images to compare on, and of those below it; best others than those of --calibration." };
        var model = new ModelOptions(includeTop: false, Pooling.Avg);
        var images = new ImageOptions();
        var json = new Option<bool>("--json") { Description = "Print JSON, with the similarity of each image." };
        model.Calibration.Required = true;
        var command = new Command("compare", "Tell how close a network's int8 features are to those in floats.")
        {
            folder, model.Backbone, images.Interpolation, images.ExifOrientation, json,
        };
        foreach (var option in model.All.Where(o => o != model.Precision))
            command.Add(option);

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = images.Read(parsed);
            var (name, options) = model.Read(parsed, images: settings);
            using var floats = await Terminal.LoadAsync(name, options with { Calibration = null }, cancellationToken).ConfigureAwait(false);
            using var int8 = await Terminal.LoadAsync(name, options with { Precision = Precision.Int8 }, cancellationToken).ConfigureAwait(false);
            var report = PrecisionReport.Compare(floats, int8, parsed.GetRequiredValue(folder), settings, cancellationToken);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new
                {
                    name = int8.Name,
                    images = report.Images,
                    mean_cosine = report.MeanCosine,
                    least_cosine = report.LeastCosine,
                    top1_agreement = report.Top1Agreement,
                    cosines = report.Cosines,
                }, Terminal.Indented)
                : string.Create(CultureInfo.InvariantCulture, $"{int8.Name}, int8 against float32: {report}"));
        });
        return command;
    }
}
