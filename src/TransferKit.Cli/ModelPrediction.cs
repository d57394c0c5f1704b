using System.Globalization;

namespace TransferKit.Cli;

/// <summary>Runs the model of <c>transferkit predict</c> on images and prints its classes.</summary>
internal static class ModelPrediction
{
    /// <param name="model">A network by its name, a trained model, a whole Keras model or an .onnx file.</param>
    /// <param name="files">The images.</param>
    /// <param name="top">The number of classes to print for each image.</param>
    /// <param name="isJson">Whether to print JSON, at the end.</param>
    /// <param name="cancellationToken">Token to cancel the prediction, between images.</param>
    /// <param name="isNamed">Whether the model is a network by its name, whose classes are ImageNet's. Defaults to false.</param>
    public static int Run(
        IBackbone model, IEnumerable<string> files, int top, bool isJson, CancellationToken cancellationToken, bool isNamed = false)
    {
        var (results, errors) = (new List<object>(), new List<Exception>());
        foreach (var file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var values = model.PredictAll(file, cancellationToken: cancellationToken);
                var outputs = model.Outputs.Select(o => new Output(o.Layer, values[o.Layer], [.. Rows(values[o.Layer])])).ToArray();
                if (isJson)
                    results.Add(new { file, outputs = outputs.Select(Describe) });
                else
                    Print(file, outputs);
            }
            catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
            {
                errors.Add(e);
                results.Add(new { file, error = e.Message });
                Terminal.Skipped(file, e);
            }
        }
        if (isJson)
            Terminal.Json(results);
        return ExitCode.OfSkipped(errors);

        // A map beside other outputs has no classes; alone, it is an error.
        IEnumerable<Row> Rows(FeatureTensor output) =>
            isNamed ? OfImageNet(output, top) : model.Outputs.Count > 1 && output.Shape.Count > 2 ? [] : RowsOf(model, output, top);
    }

    private sealed record Output(string Layer, FeatureTensor Values, Row[] Rows);

    private readonly record struct Row(string Label, float Score, string? ClassId = null);

    private static object Describe(Output output) => new
    {
        output = output.Layer,
        shape = output.Values.Shape.Skip(1),
        predictions = output.Rows.Select(r => new { label = r.Label, class_id = r.ClassId, score = r.Score }),
    };

    private static void Print(string file, Output[] outputs)
    {
        Terminal.Line(file);
        foreach (var output in outputs)
        {
            if (output.Rows.Length == 0)
                Terminal.Line($"  {output.Layer}: a map of {Sides(output.Values)}");
            else if (outputs.Length > 1)
                Terminal.Line($"  {output.Layer}:");
            foreach (var (label, score, id) in output.Rows)
            {
                Terminal.Line(string.Create(
                    CultureInfo.InvariantCulture, $"  {score,8:0.0000}  {label}{(id is null ? "" : $" ({id})")}"));
            }
        }
    }

    private static string Sides(FeatureTensor map) => string.Join(" x ", map.Shape.Skip(1));

    private static IEnumerable<Row> RowsOf(IBackbone model, FeatureTensor outputs, int top) => model switch
    {
        TrainedModel { Task: ModelTask.Regression } trained => trained.Labels.Zip(outputs[0].ToArray(), (l, value) => new Row(l, value)),
        TrainedModel trained => trained.Decode(outputs[0], top).Select(p => new Row(p.Label, p.Score)),
        KerasModel { Task: not null } keras => keras.Decode(outputs[0], top).Select(p => new Row(p.Label, p.Score)),
        // A whole application has ImageNet's classes.
        KerasModel { Backbone: not null } when outputs.Shape is [_, 1000] => OfImageNet(outputs, top),
        _ when outputs.Shape.Count == 2 => outputs[0].ToArray()
            .Select((score, i) => new Row($"output {i}", score)).OrderByDescending(r => r.Score).Take(top),
        _ => throw new ArgumentException(
            $"{model.Name} gives maps of {Sides(outputs)}, not classes: "
            + "write them with transferkit extract --model."),
    };

    private static IEnumerable<Row> OfImageNet(FeatureTensor outputs, int top) =>
        outputs.DecodePredictions(top)[0].Select(p => new Row(p.Label, p.Score, p.ClassId));
}
