using System.CommandLine;

namespace TransferKit.Cli;

/// <summary><c>transferkit extract</c>: a folder of images to a file of features.</summary>
internal static class ExtractCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "The folder of images; files are told by content, not by name." };
        var model = new ModelOptions(includeTop: false, Pooling.Avg);
        var images = new ImageOptions();
        var batchSize = new Option<int?>("--batch-size") { Description = "How many files run at once; the fastest of a few, tried on the first files, when left out." };
        var recursive = new Option<bool>("--recursive", "-r") { Description = "Read the folders below too." };
        var onError = new Option<OnError>("--on-error") { Description = "skip (report it and go on) or stop, at a file that is no readable image." };
        var output = new Option<string>("--out", "-o") { Description = "The .npz file to write: numpy reads its arrays names and features. - is standard output.", Required = true };
        var command = new Command("extract", "Turn the images of a folder into feature vectors, as one .npz file.")
        {
            folder, model.Backbone, images.Interpolation, images.ExifOrientation, images.Fast, batchSize, recursive, onError, output,
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
                throw new DirectoryNotFoundException($"There is no folder '{source}'.");

            // The target is tried before a model is loaded: an hour's work must not end at a file that cannot be written.
            var isStandardOutput = target == OutputPath.StandardOutput;
            if (isStandardOutput && !Console.IsOutputRedirected)
                throw new ArgumentException("--out is '-', standard output, which is a terminal. Send it to a file or a program.");
            await using var sink = isStandardOutput ? new NpzSink(Console.OpenStandardOutput()) : new NpzSink(target);
            using var backbone = await Terminal.LoadAsync(name, options, cancellationToken).ConfigureAwait(false);
            var report = await Terminal.ExtractAsync(new(backbone, settings), source, sink, cancellationToken).ConfigureAwait(false);
            foreach (var skipped in report.Skipped)
                Terminal.Error($"skipped {skipped.Path}: {skipped.Error!.Message}");
            // Standard output holds the file alone.
            (isStandardOutput ? Console.Error : Console.Out).WriteLine($"{report.Written} written, {report.Skipped.Count} skipped: {target} ({report.Written}, {string.Join(", ", backbone.Outputs[0].Shape)}) from {backbone.Name}");
            return report.Skipped.Count == 0 ? 0 : 1;
        });
        return command;
    }
}
