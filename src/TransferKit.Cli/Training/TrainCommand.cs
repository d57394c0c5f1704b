using System.CommandLine;
using System.Globalization;
using TransferKit.Training;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit train</c>: a head on a frozen backbone, fine-tuning, or training from scratch.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder")
        {
            Description = "A folder with a subfolder of images for each class, or a .csv of file,label.",
        };
        var model = new ModelOptions(includeTop: false);
        var images = new ImageOptions();
        var options = new TrainOptions();
        var command = new Command("train", "Train a network on your own classes.")
        {
            folder, model.Backbone, model.Weights, model.Seed, model.Alpha, model.Pooling, model.InputSize,
        };
        foreach (var option in (IEnumerable<Option>)[.. images.Exact, .. options.All])
            command.Add(option);
        command.SetAction((parsed, cancellationToken) => Task.Run(
            () => Run(parsed, parsed.GetRequiredValue(folder), model, images, options, cancellationToken), CancellationToken.None));
        return command;
    }

    private static int Run(
        ParseResult parsed, string folder, ModelOptions model, ImageOptions images, TrainOptions options,
        CancellationToken cancellationToken)
    {
        var seed = parsed.GetValue(model.Seed) ?? 0;
        var isFromScratch = string.Equals(parsed.GetValue(model.Weights), "none", StringComparison.OrdinalIgnoreCase);
        var output = parsed.GetRequiredValue(options.Out);
        var (train, validation) = options.Split(parsed, folder, seed);
        var test = options.OpenTest(parsed, train);
        var (name, backbone) = model.Read(parsed, images.Read(parsed), seedsMore: true);
        var settings = new TransferModelOptions
        {
            Backbone = backbone,
            Head = Head.Parse(parsed.GetRequiredValue(options.Head)),
            Task = parsed.GetValue(options.Task),
            Seed = seed,
            Device = parsed.GetRequiredValue(options.Device),
        };
        var fineTuneFrom = parsed.GetValue(options.FineTuneFrom);
        if (isFromScratch && fineTuneFrom is not null)
        {
            throw new ArgumentException(
                "--fine-tune-from and --weights none exclude each other: training from scratch trains all layers at once.");
        }
        string[] checkpoints = [output + ".head.checkpoint", output + ".checkpoint"];
        var first = options.First(parsed, seed, train, validation, checkpoints[0]);
        var phase = isFromScratch ? "scratch" : fineTuneFrom is null ? "head" : "fine-tune";
        var last = options.Last(parsed, phase, seed, train, validation, checkpoints[1]);

        LibTorch.Ensure(new(StoreOptions.Read(parsed)), cancellationToken);
        Terminal.Error(
            $"{train.Images.Count} images of {train.Classes.Count} classes to train on, {validation?.Images.Count ?? 0} to validate on.");
        using var network = TransferModel.Create(name, train.Classes, settings, cancellationToken: cancellationToken);
        network.BatchNormalization = parsed.GetValue(options.BatchNorm)
            ?? (isFromScratch ? BatchNormalizationMode.WhereTrained : BatchNormalizationMode.Inference);
        network.BatchNormalizationMomentum = parsed.GetValue(options.BatchNormMomentum) ?? (isFromScratch ? 0.9 : null);
        if (parsed.GetValue(options.Restart))
            Delete(checkpoints);
        var progress = new FitTerminal();
        History history;
        try
        {
            var fits = new TwoPhaseOptions { Head = first, FineTune = last, FineTuneFrom = fineTuneFrom == "all" ? null : fineTuneFrom };
            history = fineTuneFrom is null
                ? network.Fit(train, validation, last, progress, cancellationToken)
                : network.FitTwoPhase(train, validation, fits, progress, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            if (!checkpoints.Any(File.Exists))
                throw;
            network.Save(output);
            Terminal.Error($"Stopped. '{output}' has the best weights so far; run the same command to resume.");
            return ExitCode.Cancelled;
        }

        network.Save(output);
        Delete(checkpoints);
        (string, string)[] details =
        [
            ("network", network.ToString()),
            ("pictures", $"{folder}: {train.Images.Count} of {train.Classes.Count} classes to train on, "
                + $"{validation?.Images.Count ?? 0} to validate on"),
            ("evaluated on", parsed.GetValue(options.Test) ?? $"the pictures of the {(validation is null ? "training" : "validation")}"),
            ("command", $"transferkit {string.Join(' ', parsed.Tokens.Select(t => t.Value))}"),
            ("date", DateTimeOffset.Now.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture)),
            ("TransferKit", typeof(Backbone).Assembly.GetName().Version!.ToString(3)),
        ];
        Conclude(parsed, options, network, history, test ?? validation ?? train, output, details, cancellationToken);
        return 0;
    }

    private static void Conclude(
        ParseResult parsed, TrainOptions options, TransferModel network, History history, ImageFolder test, string output,
        IEnumerable<(string, string)> details, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(options.Onnx) is { } onnx)
            network.ExportOnnx(onnx, cancellationToken);
        var unreadable = parsed.GetValue(options.SkipUnreadable) ? OnError.Skip : OnError.Stop;
        var evaluation = network.Evaluate(test, unreadable: unreadable, cancellationToken: cancellationToken);
        var report = new TrainingReport(Path.GetFileName(output), evaluation, history)
        {
            Details = [.. details.Select(d => KeyValuePair.Create(d.Item1, d.Item2))],
        };
        var page = Path.ChangeExtension(output, ".report.html");
        report.Save(page);
        foreach (var (_, error) in history.Unreadable)
            Terminal.Error($"skipped: {error.Message}");
        if (parsed.GetValue(options.Json))
            Terminal.Text(report.ToJson());
        else
            EvaluateCommand.Print(evaluation);
        var exported = parsed.GetValue(options.Onnx) is { } file ? $"{file}, " : "";
        Terminal.Error($"Wrote {output}, {output}.json, {exported}{page} and {Path.ChangeExtension(page, ".json")}.");
    }

    private static void Delete(IEnumerable<string> files)
    {
        foreach (var file in files)
            File.Delete(file);
    }
}
