using System.CommandLine;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit extract</c>, which writes the features of a folder's images to a file.</summary>
internal static class ExtractCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "The folder of images. Formats are detected from content." };
        var model = new ModelOptions(includeTop: false, Pooling.Avg);
        var images = new ImageOptions();
        var whole = new WholeModelOptions("--backbone");
        var batchSize = new Option<int?>("--batch-size")
        {
            Description = "The number of files in a batch. Defaults to the fastest of a few sizes, which are tried on the first files.",
        };
        var recursive = new Option<bool>("--recursive", "-r") { Description = "Read subfolders too." };
        var onError = new Option<OnError>("--on-error")
        {
            Description = "The reaction to an unreadable file: skip (report it and continue) or stop. Defaults to skip.",
        };
        var output = new Option<string>("--out", "-o")
        {
            Description = "The .npz file to write, with the arrays names and features for numpy, or - for standard output.",
            Required = true,
        };
        var command = new Command("extract", "Write the feature vectors of a folder's images to an .npz file.")
        {
            folder, model.Backbone, batchSize, recursive, onError, output, whole.Model, whole.Preprocess,
        };
        foreach (var option in (IEnumerable<Option>)[.. images.All, .. model.All])
            command.Add(option);

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetValue(whole.Model);
            if (path is not null && model.NamesOnly.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } other)
                throw new ArgumentException($"{other.Name} and --model exclude each other: '{path}' has its own network and weights.");
            if (path is null && parsed.GetResult(whole.Preprocess) is { Implicit: false })
                throw new ArgumentException("--preprocess needs --model FILE.");
            var (name, options) = model.Read(parsed, images.Read(parsed));
            var settings = new FeatureExtractorOptions
            {
                Recursive = parsed.GetValue(recursive),
                OnError = parsed.GetValue(onError),
                BatchSize = parsed.GetValue(batchSize),
            };
            var (source, target) = (parsed.GetRequiredValue(folder), parsed.GetRequiredValue(output));
            if (!Directory.Exists(source))
                throw new DirectoryNotFoundException($"The folder '{source}' does not exist.");

            // The sink checks the target before the model is loaded, so that an unwritable file does not end long work.
            var isStandardOutput = target == OutputPath.StandardOutput;
            if (isStandardOutput && !Console.IsOutputRedirected)
                throw new ArgumentException("--out is '-', standard output, which is a terminal. Redirect it to a file or a program.");
            await using var sink = isStandardOutput ? new NpzSink(Console.OpenStandardOutput()) : FeatureSink.Create(target);
            using var backbone = path is null
                ? await Terminal.LoadAsync(name, options, cancellationToken).ConfigureAwait(false)
                : WholeModelOptions.Open(path, whole.Read(parsed, options) with { Labels = [] });
            var report = await Terminal.ExtractAsync(new(backbone, settings), source, sink, cancellationToken).ConfigureAwait(false);
            foreach (var skipped in report.Skipped)
                Terminal.Error($"skipped {skipped.Path}: {skipped.Error!.Message}");
            var shape = $"({report.Written}, {string.Join(", ", backbone.Outputs[0].Shape)})";
            // The summary must not mix with a file on standard output.
            Action<string> print = isStandardOutput ? Terminal.Error : Terminal.Line;
            print($"{report.Written} written, {report.Skipped.Count} skipped: {target} {shape} from {backbone.Name}");
            return ExitCode.OfSkipped([.. report.Skipped.Select(s => s.Error!)]);
        });
        return command;
    }
}
