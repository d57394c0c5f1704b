using System.CommandLine;
using System.Globalization;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit learn</c>, which trains a classifier on the features of a folder for each class.</summary>
internal static class LearnCommand
{
    private const string ClassifierExtension = ".classifier";

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "A folder with a subfolder of images for each class." };
        var model = new ModelOptions(includeTop: false, Pooling.Avg);
        var images = new ImageOptions();
        var output = new Option<string>("--out", "-o")
        {
            Description = "The model to write: .h5 or .keras with a .json beside it, for transferkit predict and Keras; or "
                + $"{ClassifierExtension} for the classifier without its network.",
            Required = true,
            Validators = { OutputPath.Check("--out", ".h5", ".keras", ClassifierExtension) },
        };
        var kind = new Option<ClassifierKind>("--kind")
        {
            Description = "logisticregression (the default), nearestmean, or nearestneighbours, which is for "
                + $"{ClassifierExtension} files alone.",
        };
        var folds = new Option<int>("--folds") { Description = "The number of folds of the report.", DefaultValueFactory = _ => 5 };
        var features = new Option<string?>("--features")
        {
            Description = "The feature set to keep the features in. Defaults to a folder beside the model: cats.features for cats.h5.",
        };
        var onnx = new Option<string?>("--onnx")
        {
            Description = "An ONNX file to write too, with preprocessing and labels: bytes in, probabilities out.",
            Validators = { OutputPath.Check("--onnx", ".onnx") },
        };
        var json = JsonOption.Create("with the confusion matrix");
        var command = new Command("learn", "Train a classifier on your own classes in seconds, on the features of a network.")
        {
            folder, model.Backbone, model.Weights, model.Seed, model.Alpha, model.Pooling, model.InputSize, output, kind, folds,
            model.Device, features, onnx, json,
        };
        foreach (var option in images.All)
            command.Add(option);

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (path, page) = (parsed.GetRequiredValue(output), parsed.GetValue(onnx));
            var options = new FeatureClassifierOptions { Kind = parsed.GetValue(kind), Folds = parsed.GetValue(folds) };
            var isAlone = path.EndsWith(ClassifierExtension, StringComparison.OrdinalIgnoreCase);
            if (options.Kind == ClassifierKind.NearestNeighbours && (!isAlone || page is not null))
            {
                throw new ArgumentException(
                    $"--kind nearestneighbours is no layer of a network: write a {ClassifierExtension} file with --out.");
            }
            var (name, backbone) = model.Read(parsed, images.Read(parsed));
            var set = parsed.GetValue(features) ?? Path.ChangeExtension(path, ".features");

            var report = await ExtractAsync(parsed.GetRequiredValue(folder), set, name, backbone, cancellationToken).ConfigureAwait(false);
            using var stored = FeatureSet.Open(set);
            var table = await FeatureTable.ReadAsync(stored, cancellationToken: cancellationToken).ConfigureAwait(false);
            var labels = table.LabelsByFolder();
            var classifier = await Terminal.LearnAsync(table, labels, options, cancellationToken).ConfigureAwait(false);
            if (isAlone)
                classifier.Save(path);
            else
                await classifier.SaveModelAsync(path, name, backbone, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (page is not null)
                await classifier.ExportOnnxAsync(page, name, backbone, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(json))
                Terminal.Text(classifier.Report!.ToJson());
            else
                Print(classifier);
            Terminal.Error($"Wrote {path}{(isAlone ? "" : $", {path}.json")}{(page is null ? "" : $", {page}")}; features are in {set}.");
            return ExitCode.OfSkipped(report);
        });
        return command;
    }

    private static async Task<FeatureSetReport> ExtractAsync(
        string folder, string set, string name, BackboneOptions options, CancellationToken cancellationToken)
    {
        using var source = ImageSource.Folder(folder, recursive: true);
        using var backbone = await Terminal.LoadAsync(name, options, cancellationToken).ConfigureAwait(false);
        var extractor = new FeatureExtractor(backbone, new() { Recursive = true });
        var report = await Terminal.ExtractAsync(extractor, source, set, isFolder: true, new(), cancellationToken).ConfigureAwait(false);
        foreach (var row in report.Skipped)
            Terminal.Skipped(row.Path, row.Error!);
        return report;
    }

    private static void Print(FeatureClassifier classifier)
    {
        var report = classifier.Report!;
        Line($"images       {report.Actual.Count}");
        Line($"accuracy     {report.Accuracy:0.0000} ± {report.Spread:0.0000} in {report.FoldAccuracies.Count} folds");
        Line($"loss         {report.Loss:0.0000}");
        Line($"calibration  {report.CalibrationError:0.0000} expected error");
        if (classifier.Strength is { } strength)
            Line($"strength     {strength:G4}");
        ClassScores.Print(report.Classes.Select(c => (c.Label, c.Precision, c.Recall, c.Support)));
    }

    private static void Line(FormattableString text) => Terminal.Line(text.ToString(CultureInfo.InvariantCulture));
}
