using System.CommandLine;
using System.Globalization;
using TransferKit.Training;

namespace TransferKit.Cli;

/// <summary><c>transferkit evaluate</c>: how well a trained model tells labelled images.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "A folder with a sub-folder of images for each class, or a .csv of file,label." };
        var model = new Option<string>("--model", "-m") { Description = "The model that transferkit train wrote.", Required = true };
        var json = new Option<bool>("--json") { Description = "Print accuracy, precision, recall and the confusion matrix as JSON." };
        var report = new Option<string?>("--report") { Description = "Also write an HTML page, and a .json beside it.", Validators = { OutputPath.Check("--report", ".html", ".htm") } };
        var skip = new Option<bool>("--skip-unreadable") { Description = "Leave files that are no readable images out." };
        var command = new Command("evaluate", "Measure a trained model on labelled images.") { folder, model, json, report, skip };
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            var path = parsed.GetRequiredValue(model);
            using var trained = TrainedModel.Load(path);
            var evaluation = Evaluation.Of(
                trained, ImageFolder.Open(parsed.GetRequiredValue(folder)), parsed.GetValue(skip) ? OnError.Skip : OnError.Stop, cancellationToken);
            if (parsed.GetValue(report) is { } page)
                new TrainingReport(Path.GetFileName(path), evaluation).Save(page);
            foreach (var (_, error) in evaluation.Unreadable)
                Console.Error.WriteLine($"left out: {error.Message}");
            Console.WriteLine(parsed.GetValue(json) ? evaluation.ToJson() : Describe(evaluation));
        }, CancellationToken.None));
        return command;
    }

    public static string Describe(Evaluation evaluation)
    {
        var lines = new List<string> { Invariant($"images    {evaluation.Images.Count}"), Invariant($"loss      {evaluation.Loss:0.0000}") };
        if (evaluation.Accuracy is { } accuracy)
            lines.Add(Invariant($"accuracy  {accuracy:0.0000}"));
        if (evaluation.TopKAccuracy is { } topK && evaluation.Labels.Count > evaluation.TopK)
            lines.Add(Invariant($"top {evaluation.TopK}     {topK:0.0000}"));
        if (evaluation.MeanAbsoluteError is { } error)
            lines.Add(Invariant($"mae       {error:G4}"));
        if (evaluation.Classes.Count > 0)
        {
            var width = Math.Max(5, evaluation.Classes.Max(c => c.Label.Length));
            lines.Add("");
            lines.Add($"{"class".PadRight(width)}  precision  recall  images");
            lines.AddRange(evaluation.Classes.Select(c => Invariant($"{c.Label.PadRight(width)}  {c.Precision,9:0.000}  {c.Recall,6:0.000}  {c.Support,6}")));
        }
        return string.Join('\n', lines);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
