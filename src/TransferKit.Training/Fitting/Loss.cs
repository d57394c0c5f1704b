using TransferKit.Training.Torch;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TransferKit.Training.Fitting;

/// <summary>
/// Computes the loss and the metric of a task from logits, because probabilities may round to 0 or 1. The loss is the mean
/// over the batch, as with Keras' <c>sum_over_batch_size</c>.
/// </summary>
internal sealed class Loss(ModelTask task, int outputs, double labelSmoothing = 0, IReadOnlyList<double>? classWeights = null)
{
    /// <summary>Gets Keras' name of the metric.</summary>
    public string Metric => task == ModelTask.Regression ? "mae" : "accuracy";

    /// <summary>Gets the expected outputs, a row per image.</summary>
    public float[] Targets(IEnumerable<LabelledImage> images)
    {
        var rows = images.ToArray();
        var targets = new float[rows.Length * outputs];
        for (var n = 0; n < rows.Length; n++)
        {
            var row = targets.AsSpan(n * outputs, outputs);
            switch (task)
            {
                case ModelTask.Regression:
                    rows[n].Targets.ToArray().CopyTo(row);
                    break;
                case ModelTask.Binary:
                    row[0] = rows[n].Classes[0];
                    break;
                default:
                    foreach (var c in rows[n].Classes)
                        row[c] = 1;
                    break;
            }
        }
        return targets;
    }

    /// <summary>Gets the weight of each image, or null without class weights.</summary>
    public float[]? SampleWeights(IEnumerable<LabelledImage> images) =>
        classWeights is null ? null : [.. images.Select(i => (float)classWeights[i.Classes[0]])];

    public Tensor Of(Tensor logits, Tensor targets, Tensor? sampleWeights)
    {
        var each = task switch
        {
            ModelTask.MultiClass => -(Smooth(targets, 1.0 / outputs) * F.log_softmax(logits, 1)).sum(1),
            ModelTask.Regression => (logits - targets).Square().mean([1]),
            // This equals binary cross-entropy of sigmoid(logits) without rounding to 0 or 1.
            _ => (logits.Softplus() - logits * Smooth(targets, 0.5)).mean([1]),
        };
        return (sampleWeights is null ? each : each * sampleWeights).mean();
    }

    /// <summary>Sums the metric over the batch.</summary>
    public double Measure(Tensor logits, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var each = task switch
        {
            ModelTask.MultiClass => logits.argmax(1).eq(targets.argmax(1)).to(ScalarType.Float32),
            ModelTask.Regression => (logits - targets).abs().mean([1]),
            _ => logits.Exceeds(0).eq(targets.Exceeds(0.5)).to(ScalarType.Float32).mean([1]),
        };
        return each.sum().to(ScalarType.Float64).item<double>();
    }

    /// <summary>Applies the activation of the last layer.</summary>
    public Tensor Activate(Tensor logits) => task switch
    {
        ModelTask.MultiClass => logits.softmax(1),
        ModelTask.Regression => logits.alias(),
        _ => logits.sigmoid(),
    };

    private Tensor Smooth(Tensor targets, double even) =>
        labelSmoothing == 0 ? targets : targets.clone().MultiplyBy(1 - labelSmoothing).Increase(labelSmoothing * even);
}
