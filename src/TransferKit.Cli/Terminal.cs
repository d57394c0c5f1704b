using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;
using TransferKit.Common;

namespace TransferKit.Cli;

/// <summary>
/// Shows progress on standard error: a bar with count, rate and time left at a terminal, otherwise plain lines. It also defines the
/// format of JSON output.
/// </summary>
internal static class Terminal
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly TimeSpan LinePause = TimeSpan.FromSeconds(5);

    private static readonly IAnsiConsole Stderr = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Prints a line that may name files, with control characters escaped. A terminal gets it broken between words.</summary>
    public static void Line(string line) => Write(Console.Out, line, Console.IsOutputRedirected);

    /// <summary>Returns a number with its noun, such as "1 file" or "2 files".</summary>
    public static string Count(long number, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");

    /// <summary>
    /// Prints the lines of JSON or a path as they are, to be copied, with control characters within them escaped. In JSON such an escape
    /// is JSON's own.
    /// </summary>
    public static void Text(string text) =>
        Console.WriteLine(string.Join(Environment.NewLine, text.Split(Environment.NewLine).Select(Printable.Of)));

    /// <summary>Prints JSON.</summary>
    public static void Json<T>(T value) => Text(JsonSerializer.Serialize(value, Indented));

    /// <summary>Prints a line to standard error as <see cref="Line"/> does to standard output.</summary>
    public static void Error(string line) => Write(Console.Error, line, Console.IsErrorRedirected);

    /// <summary>Prints to standard error which file has no result, and why.</summary>
    public static void Skipped(string path, Exception error)
    {
        // The message of an image begins with its path.
        Error($"skipped {path}: {(error as ImageDecodeException)?.Detail ?? error.Message}");
    }

    private static void Write(TextWriter writer, string line, bool isRedirected)
    {
        foreach (var part in TextWrap.Lines(Printable.Of(line), TextWrap.Columns(isRedirected)))
            writer.WriteLine(part);
    }

    public static Task<IBackbone> LoadAsync(string name, BackboneOptions options, CancellationToken cancellationToken) =>
        ShowAsync(
            (show, token) => Backbone.LoadAsync(name, WithProgress(options, show), Bytes(show("Downloading", 1e-6, "MB")), token),
            cancellationToken);

    public static Task<Explainer> LoadExplainerAsync(string name, BackboneOptions options, CancellationToken cancellationToken) =>
        ShowAsync(
            "Downloading", 1e-6, "MB", (report, token) => Explainer.LoadAsync(name, options, Bytes(report), token), cancellationToken);

    public static Task<ExtractionReport> ExtractAsync(
        FeatureExtractor extractor, ImageSource source, IFeatureSink sink, CancellationToken cancellationToken) =>
        ShowAsync("Extracting", 1, "images", (report, token) =>
            extractor.ExtractAsync(source, sink, new Relay<ExtractionProgress>(p => report(p.Done, p.Total)), token), cancellationToken);

    public static Task<FeatureSetReport> ExtractAsync(
        FeatureExtractor extractor, ImageSource source, string target, bool isFolder, FeatureSetOptions options,
        CancellationToken cancellationToken) =>
        ShowAsync("Extracting", 1, "images", (report, token) =>
        {
            var progress = new Relay<ExtractionProgress>(p => report(p.Done, p.Total));
            return isFolder
                ? extractor.ExtractSetAsync(source, target, options, progress, token)
                : extractor.ExtractFileAsync(source, target, options, progress, token);
        }, cancellationToken);

    public static Task<FeatureClassifier> LearnAsync(
        FeatureTable features, IReadOnlyList<string> labels, FeatureClassifierOptions options, CancellationToken cancellationToken) =>
        ShowAsync("Learning", 1, "%", (report, token) => Task.Run(
            () => FeatureClassifier.Train(features, labels, options, Percent(report), token), token), cancellationToken);

    public static Task<(FeatureMap Map, IReadOnlyList<Exception> Unreadable)> ExploreAsync(
        FeatureTable features, FeatureMapOptions options, string page, string? pictures, CancellationToken cancellationToken) =>
        ShowAsync((show, token) => Task.Run(() =>
        {
            var map = FeatureMap.Compute(features, options, Percent(show("Mapping", 1, "%")), token);
            return (map, map.WritePage(page, pictures, Percent(show("Writing", 1, "%")), token));
        }, token), cancellationToken);

    public static Task<DataReport> CheckAsync(
        string folder, IBackbone backbone, DataCheckOptions options, CancellationToken cancellationToken) =>
        ShowAsync((show, token) =>
        {
            var reports = new Dictionary<DataCheckStep, Action<double, double>>
            {
                [DataCheckStep.Reading] = show("Reading", 1, "images"),
                [DataCheckStep.Extracting] = show("Extracting", 1, "images"),
                [DataCheckStep.Comparing] = show("Comparing", 1, "images"),
                [DataCheckStep.Learning] = show("Learning", 1, "%"),
            };
            var progress = new Relay<DataCheckProgress>(p => reports[p.Step](p.Done, p.Total));
            return DataCheck.RunAsync(folder, backbone, options, progress, token);
        }, cancellationToken);

    public static Task ExportAsync(
        string name, string path, BackboneOptions options, OnnxInput input, CancellationToken cancellationToken) =>
        ShowAsync(async (show, token) =>
        {
            var download = Bytes(show("Downloading", 1e-6, "MB"));
            await Backbone.ExportOnnxAsync(name, path, WithProgress(options, show), input, download, token).ConfigureAwait(false);
            return 0;
        }, cancellationToken);

    public static Task SaveKerasAsync(string name, string path, BackboneOptions options, CancellationToken cancellationToken) =>
        ShowAsync(async (show, token) =>
        {
            await Backbone.SaveKerasAsync(name, path, options, Bytes(show("Downloading", 1e-6, "MB")), token).ConfigureAwait(false);
            return 0;
        }, cancellationToken);

    public static Task<string> FetchAsync(
        WeightStore store, string name, BackboneOptions options, CancellationToken cancellationToken) =>
        ShowAsync(
            "Downloading", 1e-6, "MB", (report, token) => store.FetchWeightsAsync(name, options, Bytes(report), token),
            cancellationToken);

    public static Task ExportWeightsAsync(
        WeightStore store, string bundle, IEnumerable<string> files, CancellationToken cancellationToken) =>
        ShowAsync("Bundling", 1e-6, "MB", async (report, token) =>
        {
            await store.ExportAsync(bundle, files, Bytes(report), token).ConfigureAwait(false);
            return 0;
        }, cancellationToken);

    public static Task<IReadOnlyList<CachedWeights>> ImportWeightsAsync(
        WeightStore store, string bundle, CancellationToken cancellationToken) =>
        ShowAsync("Importing", 1e-6, "MB", (report, token) => store.ImportAsync(bundle, Bytes(report), token), cancellationToken);

    private static Relay<WeightDownloadProgress> Bytes(Action<double, double> report)
    {
        string? last = null;
        return new(p =>
        {
            // The message explains a retry; one that repeats is printed once.
            if (p.Message is { } message && Interlocked.Exchange(ref last, message) != message)
                Say($"{p.File}: {message}");
            report(p.BytesReceived, p.TotalBytes ?? 0);
        });
    }

    // At a terminal Spectre prints the line above the bar. It would wrap the line elsewhere.
    private static void Say(string line)
    {
        if (Console.IsErrorRedirected)
            Error(line);
        else
            Stderr.WriteLine(Printable.Of(line));
    }

    private static BackboneOptions WithProgress(BackboneOptions options, Func<string, double, string, Action<double, double>> show)
    {
        if (options.Calibration is not { } calibration)
            return options;
        return options with { Calibration = calibration with { Progress = Percent(show("Calibrating", 1, "%")) } };
    }

    private static Relay<double> Percent(Action<double, double> report) => new(done => report(100 * done, 100));

    private static Task<T> ShowAsync<T>(
        string what, double scale, string unit, Func<Action<double, double>, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken) =>
        ShowAsync((show, token) => work(show(what, scale, unit), token), cancellationToken);

    // The work creates a reporter for each of its parts. A bar appears with the first report of its part.
    private static async Task<T> ShowAsync<T>(
        Func<Func<string, double, string, Action<double, double>>, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        if (Console.IsErrorRedirected)
            return await work(PlainLines, cancellationToken).ConfigureAwait(false);

        var width = Stderr.Profile.Width;
        return await Stderr.Progress()
            .AutoClear(true)
            .Columns(Columns(width))
            .StartAsync(context => work((what, scale, unit) => Bar(context, new(what, scale, unit, Room(width))), cancellationToken))
            .ConfigureAwait(false);
    }

    // The narrowest terminals have no place for a bar beside the numbers, which say more.
    private static int BarWidth(int width) => width < 50 ? 0 : Math.Clamp(width - 70, 10, 40);

    private static ProgressColumn[] Columns(int width) =>
    [
        new TaskDescriptionColumn { Alignment = Justify.Left },
        .. BarWidth(width) is > 0 and var bar
            ? (ProgressColumn[])[new ProgressBarColumn { Width = bar }, new PercentageColumn()]
            : [],
        new SpinnerColumn(),
    ];

    // Columns have a space between them; a percentage takes four columns and the spinner two.
    private static int Room(int width) => width - 3 - (BarWidth(width) is > 0 and var bar ? bar + 6 : 0);

    private static Action<double, double> Bar(ProgressContext context, ProgressText text)
    {
        ProgressTask? bar = null;
        return (done, total) =>
        {
            lock (text)
            {
                bar ??= context.AddTask(text.What, maxValue: Math.Max(total, 1));
                bar.MaxValue = Math.Max(total, Math.Max(done, 1));
                bar.Value = done;
                bar.Description = Markup.Escape(text.Describe(done, total));
            }
        };
    }

    // Logs get a line every five seconds and one at the end. Short work of unknown length has none.
    private static Action<double, double> PlainLines(string what, double scale, string unit)
    {
        var text = new ProgressText(what, scale, unit, Room: int.MaxValue);
        var next = LinePause;
        (double Done, double Total)? last = null;
        return (done, total) =>
        {
            lock (text)
            {
                // The end may be reported twice: by the last part of the work, and by the whole.
                if (last == (done, total))
                    return;
                if (text.Elapsed < next && (done < total || total == 0))
                {
                    text.Add(done);
                    return;
                }
                (next, last) = (text.Elapsed + LinePause, (done, total));
                Error(text.Describe(done, total));
            }
        };
    }

    private sealed class Relay<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
