using System.CommandLine;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit extract</c>, which writes the features of pictures to a file or a feature set.</summary>
internal static class ExtractCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("pictures")
        {
            Description = "A folder of images, a .tar or .zip archive, a .csv with the column path, a text with a name on each line, or "
                + "- for names on standard input. Formats of images are detected from content.",
        };
        var model = new ModelOptions(includeTop: false, Pooling.Avg);
        var images = new ImageOptions();
        var whole = new WholeModelOptions("--backbone");
        var sets = new SetOptions();
        var batchSize = new Option<int?>("--batch-size")
        {
            Description = "The number of files in a batch. Defaults to the fastest of a few sizes, which are tried on the first files.",
        };
        var recursive = new Option<bool>("--recursive", "-r") { Description = "Read subfolders too." };
        var nullSeparated = new Option<bool>("-0") { Description = "Names on standard input end with null characters: find -print0." };
        var onError = new Option<OnError>("--on-error")
        {
            Description = "The reaction to an unreadable file: skip (report it and continue) or stop. Defaults to skip.",
        };
        var output = new Option<string>("--out", "-o")
        {
            Description = $"The file to write, whose extension is {string.Join(", ", FeatureSinks.Extensions)}; a folder with a / at "
                + "its end for a feature set of shards; or - for an .npz on standard output.",
            Required = true,
        };
        var json = JsonOption.Create("with the files that were skipped");
        var command = new Command("extract", "Write the feature vectors of a folder's images. An interrupted run continues.")
        {
            folder, model.Backbone, batchSize, recursive, nullSeparated, onError, output, whole.Model, whole.Preprocess,
            model.Device, json,
        };
        foreach (var option in (IEnumerable<Option>)[.. images.All, .. model.All, .. sets.All])
            command.Add(option);

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetValue(whole.Model);
            var isOnnx = OnnxModels.Is(path);
            if (path is not null && model.NamesOnly.Where(o => !isOnnx || o != model.Pooling)
                .FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } other)
            {
                throw new ArgumentException($"{other.Name} and --model exclude each other: '{path}' has its own network and weights.");
            }
            if (path is null && parsed.GetResult(whole.Preprocess) is { Implicit: false })
                throw new ArgumentException("--preprocess needs --model FILE.");
            var pooling = parsed.GetValue(model.Pooling);
            var (name, options) = model.Read(parsed, images.Read(parsed), readsPooling: path is null);
            var settings = new FeatureExtractorOptions
            {
                Recursive = parsed.GetValue(recursive),
                OnError = parsed.GetValue(onError),
                BatchSize = parsed.GetValue(batchSize),
            };
            var (pictures, target) = (parsed.GetRequiredValue(folder), parsed.GetRequiredValue(output));
            using var source = pictures == OutputPath.StandardOutput
                ? ImageSource.List(Console.In, Environment.CurrentDirectory, "standard input", parsed.GetValue(nullSeparated))
                : ImageSource.Open(pictures, settings.Recursive);

            // The target is checked before the model is loaded, so that an unwritable file does not end long work.
            var isStandardOutput = target == OutputPath.StandardOutput;
            if (isStandardOutput && !Console.IsOutputRedirected)
                throw new ArgumentException("--out is '-', standard output, which is a terminal. Redirect it to a file or a program.");
            var isJson = parsed.GetValue(json);
            if (isStandardOutput && isJson)
                throw new ArgumentException("--json and --out - exclude each other: standard output is the file.");
            var isFolder = !isStandardOutput && (Path.EndsInDirectorySeparator(target) || Directory.Exists(target));
            var set = isFolder ? sets.ReadForFolder(parsed) : sets.ReadForFile(parsed, target);
            var isStream = isStandardOutput || (!isFolder && !FeatureSinks.Check(target));
            await using var sink = !isStream ? null
                : isStandardOutput ? new NpzSink(Console.OpenStandardOutput())
                : FeatureSinks.Create(target);
            using var backbone = path is null
                ? await Terminal.LoadAsync(name, options, cancellationToken).ConfigureAwait(false)
                : isOnnx ? OnnxModels.Open(path, whole.Read(parsed, options), images.AreGiven(parsed), pooling)
                : WholeModelOptions.Open(path, whole.Read(parsed, options) with { Labels = [] });
            var extractor = new FeatureExtractor(backbone, settings);
            if (sink is not null)
                return await ToStreamAsync(backbone, extractor, source, sink, target, isJson, cancellationToken).ConfigureAwait(false);

            var report = await Terminal.ExtractAsync(extractor, source, target, isFolder, set, cancellationToken).ConfigureAwait(false);
            Skipped(report.Skipped);
            if (report.Added + report.Changed + report.Vanished > 0)
            {
                Terminal.Error(
                    $"since the last run: {report.Added} new, {report.Changed} changed and {report.Vanished} vanished; "
                    + $"{report.Computed} of {report.Files} read");
            }
            if (isJson)
                Terminal.Json(Describe(report.Rows, report.Failures, report.Skipped, target, backbone));
            else
                Terminal.Line(Summary(report.Rows, report.Failures, target, backbone));
            return ExitCode.OfSkipped(report);
        });
        return command;
    }

    // A stream is written once at the end, so nothing can continue it.
    private static async Task<int> ToStreamAsync(
        IBackbone backbone, FeatureExtractor extractor, ImageSource source, IFeatureSink sink, string target, bool isJson,
        CancellationToken cancellationToken)
    {
        var report = await Terminal.ExtractAsync(extractor, source, sink, cancellationToken).ConfigureAwait(false);
        Skipped(report.Skipped);
        if (isJson)
        {
            Terminal.Json(Describe(report.Written, report.Skipped.Count, report.Skipped, target, backbone));
            return ExitCode.OfSkipped([.. report.Skipped.Select(s => s.Error!)]);
        }
        // The summary must not mix with a file on standard output.
        Action<string> print = target == OutputPath.StandardOutput ? Terminal.Error : Terminal.Line;
        print(Summary(report.Written, report.Skipped.Count, target, backbone));
        return ExitCode.OfSkipped([.. report.Skipped.Select(s => s.Error!)]);
    }

    private static void Skipped(IEnumerable<FeatureRow> rows)
    {
        foreach (var row in rows)
            Terminal.Skipped(row.Path, row.Error!);
    }

    private static object Describe(long written, long failures, IEnumerable<FeatureRow> skipped, string target, IBackbone backbone) => new
    {
        written,
        failures,
        target,
        shape = backbone.Outputs[0].Shape,
        network = backbone.Name,
        skipped = skipped.Select(row => new { path = row.Path, error = row.Error!.Message }),
    };

    private static string Summary(long written, long skipped, string target, IBackbone backbone) =>
        $"{written} written, {skipped} skipped: {target} ({written}, {string.Join(", ", backbone.Outputs[0].Shape)}) from {backbone.Name}";
}
