using System.CommandLine;
using System.Globalization;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit compare</c>, which compares the features of int8 or float16 with those of floats.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder")
        {
            Description = "The folder of images to compare on, with its subfolders. Use other images than for --calibration.",
        };
        var model = new ModelOptions(includeTop: false, Pooling.Avg);
        var images = new ImageOptions();
        var json = JsonOption.Create("with the similarity of each image");
        model.Precision.Description = "int8, which needs --calibration, or float16.";
        model.Precision.DefaultValueFactory = _ => Precision.Int8;
        var command = new Command("compare", "Compare a network's features in int8 or float16 with those in floats.")
        {
            folder, model.Backbone, model.Device, json,
        };
        foreach (var option in (IEnumerable<Option>)[.. images.Exact, .. model.All])
            command.Add(option);

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (name, options) = model.Read(parsed, images.Read(parsed));
            // The reduced precision is loaded first, so that wrong options are an error before any download.
            using var close = await Terminal.LoadAsync(name, options, cancellationToken).ConfigureAwait(false);
            var inFloats = options with { Precision = Precision.Float32, Calibration = null };
            using var floats = await Terminal.LoadAsync(name, inFloats, cancellationToken).ConfigureAwait(false);
            var report = PrecisionReport.Compare(floats, close, parsed.GetRequiredValue(folder), cancellationToken: cancellationToken);
            var precision = options.Precision.ToString().ToLowerInvariant();
            if (!parsed.GetValue(json))
            {
                Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{close.Name}, {precision} against float32: {report}"));
                return;
            }
            Terminal.Json(new
            {
                name = close.Name,
                images = report.Images,
                mean_cosine = report.MeanCosine,
                least_cosine = report.LeastCosine,
                top1_agreement = report.Top1Agreement,
                cosines = report.Cosines,
            });
        });
        return command;
    }
}
