using TransferKit.Training.Torch;
using static TorchSharp.torch;

namespace TransferKit.Training.Fitting;

/// <summary>Represents the outputs of a network for a data set, with their loss and metric.</summary>
/// <param name="Loss">The mean loss.</param>
/// <param name="Metric">The mean of the task's metric.</param>
/// <param name="Images">The indices of the images that were read, in order.</param>
/// <param name="Outputs">The outputs, a row per image.</param>
internal sealed record Measured(double Loss, double Metric, int[] Images, float[] Outputs);

/// <summary>Runs a network over a data set in inference mode.</summary>
internal sealed class Measurement(TorchGraph graph, Loss loss)
{
    public Measured Of(Feed feed, int batchSize, CancellationToken cancellationToken)
    {
        using var noGrad = no_grad();
        using var inference = graph.InInference();
        var (sum, metric, images, outputs) = (0.0, 0.0, new List<int>(), new List<float>());
        foreach (var batch in feed.Read([.. Enumerable.Range(0, feed.Folder.Images.Count)], batchSize, 0, cancellationToken))
        {
            using (batch)
            {
                using var scope = NewDisposeScope();
                var labelled = batch.Images.Select(i => feed.Folder.Images[i]).ToArray();
                var values = loss.Targets(labelled);
                var targets = tensor(values, [labelled.Length, values.Length / labelled.Length]).clone().to(graph.Device);
                var logits = graph.Run(batch.Input().to(graph.Device), feed.Start, graph.Graph.Output, logits: true);
                sum += loss.Of(logits, targets, null).item<float>() * labelled.Length;
                metric += loss.Measure(logits, targets);
                images.AddRange(batch.Images);
                outputs.AddRange(loss.Activate(logits).cpu().contiguous().data<float>().ToArray());
            }
        }
        if (images.Count == 0)
            throw new TrainingDataException(TrainingDataError.NothingReadable, feed.Folder.Source, "no image could be read.");
        return new(sum / images.Count, metric / images.Count, [.. images], [.. outputs]);
    }
}
