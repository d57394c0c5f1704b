using TransferKit.Training.Fitting;

namespace TransferKit.Training;

/// <summary>Computes loss and metric from a model's outputs without libtorch, as Keras does from probabilities.</summary>
internal static class OutputLoss
{
    // Keras clips probabilities by epsilon() before a logarithm.
    private const double Epsilon = 1e-7;

    public static Measured Measure(ModelTask task, ImageFolder folder, int[] images, float[] outputs)
    {
        var width = outputs.Length / images.Length;
        var targets = new Loss(task, width).Targets(images.Select(i => folder.Images[i]));
        var (loss, metric) = (0.0, 0.0);
        for (var n = 0; n < images.Length; n++)
        {
            var row = outputs.AsSpan(n * width, width);
            var target = targets.AsSpan(n * width, width);
            for (var k = 0; k < width; k++)
            {
                var (y, t) = ((double)row[k], (double)target[k]);
                loss += task switch
                {
                    ModelTask.MultiClass => -t * Math.Log(Math.Clamp(y, Epsilon, 1)),
                    ModelTask.Regression => (y - t) * (y - t) / width,
                    _ => -(t * Math.Log(Math.Max(y, Epsilon)) + (1 - t) * Math.Log(Math.Max(1 - y, Epsilon))) / width,
                };
                metric += task switch
                {
                    ModelTask.MultiClass => 0,
                    ModelTask.Regression => Math.Abs(y - t) / width,
                    _ => y > 0.5 == t > 0.5 ? 1.0 / width : 0,
                };
            }
            if (task == ModelTask.MultiClass)
                metric += IndexOfMax(row) == IndexOfMax(target) ? 1 : 0;
        }
        return new(loss / images.Length, metric / images.Length, images, outputs);
    }

    private static int IndexOfMax(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
            best = values[i] > values[best] ? i : best;
        return best;
    }
}
