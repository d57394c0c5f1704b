using System.CommandLine;
using System.Globalization;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit plan</c>, which estimates the cost of an extraction from a sample of the pictures.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var pictures = new Argument<string>("pictures")
        {
            Description = "A folder of images, a .tar or .zip archive, a .csv with the column path, or a text with a name on each line.",
        };
        var model = new ModelOptions(includeTop: false, Pooling.Avg);
        var images = new ImageOptions();
        var recursive = new Option<bool>("--recursive", "-r") { Description = "Read subfolders too." };
        var sample = new Option<int>("--sample")
        {
            Description = "The number of files to measure; more make the estimate better.",
            DefaultValueFactory = _ => 500,
        };
        var workers = new Option<int>("--workers")
        {
            Description = "The number of machines like this one.",
            DefaultValueFactory = _ => 16,
        };
        var json = JsonOption.Create();
        var command = new Command("plan", "Estimate time and storage of an extraction from a sample of the pictures.")
        {
            pictures, model.Backbone, model.Device, recursive, sample, workers, json,
        };
        foreach (var option in (IEnumerable<Option>)[.. images.All, .. model.All])
            command.Add(option);

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var count = parsed.GetValue(workers);
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count, "--workers");
            var (name, options) = model.Read(parsed, images.Read(parsed));
            using var source = ImageSource.Open(parsed.GetRequiredValue(pictures), parsed.GetValue(recursive));
            using var backbone = await Terminal.LoadAsync(name, options, cancellationToken).ConfigureAwait(false);
            var estimate = await new FeatureExtractor(backbone)
                .EstimateAsync(source, parsed.GetValue(sample), cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(json))
                Terminal.Json(Fields(estimate, count));
            else
                Print(estimate, backbone.Name, count);
        });
        return command;
    }

    private static object Fields(ExtractionEstimate estimate, int workers) => new
    {
        files = estimate.Files,
        bytes = estimate.Bytes,
        measured = estimate.Measured,
        files_per_second = Math.Round(estimate.FilesPerSecond, 3),
        failure_rate = Math.Round(estimate.FailureRate, 4),
        cores = estimate.Cores,
        core_hours = Math.Round(estimate.CoreHours, 4),
        seconds = Math.Round(estimate.Time.TotalSeconds, 1),
        seconds_of_workers = Math.Round(estimate.Time.TotalSeconds / workers, 1),
        set_bytes = estimate.SetBytes,
        shards = estimate.Shards,
    };

    private static void Print(ExtractionEstimate estimate, string backbone, int workers)
    {
        Line("files", $"{estimate.Files}, {Bytes(estimate.Bytes)}");
        var (extractions, cores) = (Terminal.Count(estimate.Measured, "extraction"), Terminal.Count(estimate.Cores, "core"));
        Line("measured", $"{extractions} with {backbone}: {estimate.FilesPerSecond:0.0} a second on {cores}");
        Line("failures", $"{estimate.FailureRate:0.0%} of the sample");
        Line("core-hours", $"{estimate.CoreHours:0.00}");
        Line("time", $"{Duration(estimate.Time)} on one machine, {Duration(estimate.Time / workers)} on {workers}");
        Line("feature set", $"{Bytes(estimate.SetBytes)} in {Terminal.Count(Math.Max(estimate.Shards, workers), "shard")}");
    }

    private static void Line(string name, FormattableString value) =>
        Terminal.Line($"{name,-12} {value.ToString(CultureInfo.InvariantCulture)}");

    private static string Duration(TimeSpan time) => time < TimeSpan.FromDays(1)
        ? time.ToString("h\\:mm\\:ss", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.0} days");

    private static string Bytes(long bytes)
    {
        string[] units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
        var (value, unit) = ((double)bytes, 0);
        for (; value >= 1000; unit++)
            value /= 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {units[unit]}");
    }
}
