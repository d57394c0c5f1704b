using System.CommandLine;
using System.Globalization;
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
        var whole = new WholeModelOptions("a network's name");
        whole.Model.Required = true;
        whole.Model.Description = "The file of transferkit train, or a whole Keras model (model.keras, model.h5, keras_model.h5).";
        var json = JsonOption.Create("with precision, recall and the confusion matrix");
        var report = new Option<string?>("--report")
        {
            Description = "An HTML page to write, with a .json file beside it.",
            Validators = { OutputPath.Check("--report", ".html", ".htm") },
        };
        var skip = new Option<bool>("--skip-unreadable") { Description = "Skip unreadable files and report them." };
        var command = new Command("evaluate", "Measure a trained model on labelled images.")
        {
            folder, whole.Model, whole.Preprocess, whole.Labels, whole.Layer, json, report, skip,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            var path = parsed.GetRequiredValue(whole.Model)!;
            OnnxModels.Refuse(path, "evaluate measures a model of transferkit train, or a Keras model");
            using var model = WholeModelOptions.Open(path, whole.Read(parsed));
            var images = ImageFolder.Open(parsed.GetRequiredValue(folder));
            var onError = parsed.GetValue(skip) ? OnError.Skip : OnError.Stop;
            var evaluation = model is KerasModel keras
                ? Evaluation.Of(keras, images, onError, cancellationToken)
                : Evaluation.Of((TrainedModel)model, images, onError, cancellationToken);
            if (parsed.GetValue(report) is { } page)
                new TrainingReport(Path.GetFileName(path), evaluation).Save(page);
            foreach (var (_, error) in evaluation.Unreadable)
                Terminal.Error($"skipped: {error.Message}");
            if (parsed.GetValue(json))
                Terminal.Text(evaluation.ToJson());
            else
                Print(evaluation);
        }, CancellationToken.None));
        return command;
    }

    public static void Print(Evaluation evaluation)
    {
        Line($"images    {evaluation.Images.Count}");
        Line($"loss      {evaluation.Loss:0.0000}");
        if (evaluation.Accuracy is { } accuracy)
            Line($"accuracy  {accuracy:0.0000}");
        if (evaluation.TopKAccuracy is { } topK && evaluation.Labels.Count > evaluation.TopK)
            Line($"top {evaluation.TopK}     {topK:0.0000}");
        if (evaluation.MeanAbsoluteError is { } error)
            Line($"mae       {error:G4}");
        if (evaluation.Classes.Count > 0)
            ClassScores.Print(evaluation.Classes.Select(c => (c.Label, c.Precision, c.Recall, c.Support)));
    }

    private static void Line(FormattableString text) => Terminal.Line(text.ToString(CultureInfo.InvariantCulture));
}
