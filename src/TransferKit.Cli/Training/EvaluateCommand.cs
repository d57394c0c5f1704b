using System.CommandLine;
using System.Globalization;
using TransferKit.Common;
using TransferKit.Training;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit evaluate</c>, which measures a trained model on labelled images.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder")
        {
            Description = "A folder with a subfolder of images for each class, or a .csv of file,label.",
        };
        var model = new Option<string>("--model", "-m") { Description = "The .h5 file of transferkit train.", Required = true };
        var json = new Option<bool>("--json") { Description = "Print JSON, with precision, recall and the confusion matrix." };
        var report = new Option<string?>("--report")
        {
            Description = "An HTML page to write, with a .json file beside it.",
            Validators = { OutputPath.Check("--report", ".html", ".htm") },
        };
        var skip = new Option<bool>("--skip-unreadable") { Description = "Skip unreadable files and report them." };
        var command = new Command("evaluate", "Measure a trained model on labelled images.") { folder, model, json, report, skip };
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            var path = parsed.GetRequiredValue(model);
            using var trained = TrainedModel.Load(path);
            var images = ImageFolder.Open(parsed.GetRequiredValue(folder));
            var evaluation = Evaluation.Of(trained, images, parsed.GetValue(skip) ? OnError.Skip : OnError.Stop, cancellationToken);
            if (parsed.GetValue(report) is { } page)
                new TrainingReport(Path.GetFileName(path), evaluation).Save(page);
            foreach (var (_, error) in evaluation.Unreadable)
                Terminal.Error($"skipped: {error.Message}");
            Terminal.Text(parsed.GetValue(json) ? evaluation.ToJson() : Describe(evaluation));
        }, CancellationToken.None));
        return command;
    }

    public static string Describe(Evaluation evaluation)
    {
        var lines = new List<string>
        {
            Invariant($"images    {evaluation.Images.Count}"),
            Invariant($"loss      {evaluation.Loss:0.0000}"),
        };
        if (evaluation.Accuracy is { } accuracy)
            lines.Add(Invariant($"accuracy  {accuracy:0.0000}"));
        if (evaluation.TopKAccuracy is { } topK && evaluation.Labels.Count > evaluation.TopK)
            lines.Add(Invariant($"top {evaluation.TopK}     {topK:0.0000}"));
        if (evaluation.MeanAbsoluteError is { } error)
            lines.Add(Invariant($"mae       {error:G4}"));
        if (evaluation.Classes.Count > 0)
        {
            var classes = evaluation.Classes.Select(c => (Label: Printable.Of(c.Label), Scores: c)).ToArray();
            var width = Math.Max(5, classes.Max(c => c.Label.Length));
            lines.Add("");
            lines.Add($"{"class".PadRight(width)}  precision  recall  images");
            lines.AddRange(classes.Select(c =>
                Invariant($"{c.Label.PadRight(width)}  {c.Scores.Precision,9:0.000}  {c.Scores.Recall,6:0.000}  {c.Scores.Support,6}")));
        }
        return string.Join(Environment.NewLine, lines);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
