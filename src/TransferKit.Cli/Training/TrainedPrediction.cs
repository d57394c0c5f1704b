using System.Globalization;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit predict --model</c>, which runs a trained model on images.</summary>
internal static class TrainedPrediction
{
    public static int Run(string path, IEnumerable<string> files, int top, CancellationToken cancellationToken)
    {
        using var model = TrainedModel.Load(path);
        var errors = new List<Exception>();
        foreach (var file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var outputs = model.Predict(file, cancellationToken: cancellationToken)[0];
                Terminal.Line(file);
                foreach (var (label, score) in Rows(model, outputs, top))
                    Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"  {score,8:0.0000}  {label}"));
            }
            catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
            {
                errors.Add(e);
                Terminal.Error($"skipped {file}: {e.Message}");
            }
        }
        return ExitCode.OfSkipped(errors);
    }

    private static IEnumerable<(string Label, float Score)> Rows(TrainedModel model, ReadOnlySpan<float> outputs, int top) =>
        model.Task == ModelTask.Regression
            ? model.Labels.Zip(outputs.ToArray())
            : model.Decode(outputs, top).Select(p => (p.Label, p.Score));
}
