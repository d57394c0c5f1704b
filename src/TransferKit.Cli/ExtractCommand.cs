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
            folder, model.Backbone, images.Interpolation, images.ExifOrientation, images.Draft, batchSize, recursive, onError, output,
        };
        foreach (var option in model.All)
            command.Add(option);

        command.SetAction(async (parsed, cancellationToken) =>
        {
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
            await using var sink = isStandardOutput ? new NpzSink(Console.OpenStandardOutput()) : new NpzSink(target);
            using var backbone = await Terminal.LoadAsync(name, options, cancellationToken).ConfigureAwait(false);
            var report = await Terminal.ExtractAsync(new(backbone, settings), source, sink, cancellationToken).ConfigureAwait(false);
            foreach (var skipped in report.Skipped)
                Terminal.Error($"skipped {skipped.Path}: {skipped.Error!.Message}");
            var shape = $"({report.Written}, {string.Join(", ", backbone.Outputs[0].Shape)})";
            // The summary must not mix with a file on standard output.
            (isStandardOutput ? Console.Error : Console.Out).WriteLine(
                $"{report.Written} written, {report.Skipped.Count} skipped: {target} {shape} from {backbone.Name}");
            return report.Skipped.Count == 0 ? 0 : 1;
        });
        return command;
    }
}
