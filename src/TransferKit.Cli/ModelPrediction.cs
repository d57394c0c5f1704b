using System.Globalization;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit predict --model</c>, which runs a trained model or a whole Keras model on images.</summary>
internal static class ModelPrediction
{
    public static int Run(IBackbone model, IEnumerable<string> files, int top, CancellationToken cancellationToken)
    {
        var errors = new List<Exception>();
        foreach (var file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var outputs = model.PredictAll(file, cancellationToken: cancellationToken);
                string[] lines = [.. model.Outputs.SelectMany(o => Lines(model, o.Layer, outputs[o.Layer], top))];
                Terminal.Line(file);
                Array.ForEach(lines, Terminal.Line);
            }
            catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
            {
                errors.Add(e);
                Terminal.Error($"skipped {file}: {e.Message}");
            }
        }
        return ExitCode.OfSkipped(errors);
    }

    private static IEnumerable<string> Lines(IBackbone model, string output, FeatureTensor values, int top)
    {
        var isOne = model.Outputs.Count == 1;
        if (!isOne && values.Shape.Count > 2)
            return [$"  {output}: a map of {Sides(values)}"];
        var rows = Rows(model, values, top).Select(
            r => string.Create(CultureInfo.InvariantCulture, $"  {r.Score,8:0.0000}  {r.Label}"));
        return isOne ? rows : rows.Prepend($"  {output}:");
    }

    private static string Sides(FeatureTensor map) => string.Join(" x ", map.Shape.Skip(1));

    private static IEnumerable<(string Label, float Score)> Rows(IBackbone model, FeatureTensor outputs, int top) => model switch
    {
        TrainedModel { Task: ModelTask.Regression } trained => trained.Labels.Zip(outputs[0].ToArray()),
        TrainedModel trained => trained.Decode(outputs[0], top).Select(p => (p.Label, p.Score)),
        KerasModel { Task: not null } keras => keras.Decode(outputs[0], top).Select(p => (p.Label, p.Score)),
        // A whole application has ImageNet's classes.
        KerasModel { Backbone: not null } when outputs.Shape is [_, 1000] =>
            outputs.DecodePredictions(top)[0].Select(p => ($"{p.Label} ({p.ClassId})", p.Score)),
        _ when outputs.Shape.Count == 2 => outputs[0].ToArray()
            .Select((score, i) => ($"output {i}", score)).OrderByDescending(r => r.score).Take(top),
        _ => throw new ArgumentException(
            $"{model.Name} gives maps of {Sides(outputs)}, not classes: "
            + "write them with transferkit extract --model."),
    };
}
