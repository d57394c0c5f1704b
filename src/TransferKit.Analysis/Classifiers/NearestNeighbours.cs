using System.Numerics.Tensors;
using TransferKit.Analysis.Linear;

namespace TransferKit.Analysis.Classifiers;

/// <summary>Scores by the classes of the nearest vectors in Euclidean distance.</summary>
/// <param name="vectors">The vectors, one after another.</param>
/// <param name="classes">The class of each vector.</param>
/// <param name="classCount">The number of classes.</param>
/// <param name="neighbours">The number of vectors that vote.</param>
internal sealed class NearestNeighbours(ReadOnlyMemory<float> vectors, int[] classes, int classCount, int neighbours) : Scorer
{
    private const int Block = 16;

    // A class without a vote has a small probability, not none.
    private const double Prior = 0.5;

    public ReadOnlyMemory<float> Vectors => vectors;

    public int[] Classes => classes;

    public int Neighbours => neighbours;

    public override int Dimensions => vectors.Length / classes.Length;

    public static Fitted Train(ClassifierTask task, ReadOnlyMemory<float> vectors, int neighbours, CancellationToken cancellationToken)
    {
        var count = task.Labels.Length;
        var scorer = new NearestNeighbours(vectors, task.Classes, count, neighbours);
        var heldOut = new double[task.Rows.Count * count];
        Blocks.Run(0, task.Rows.Count, Block, (from, to) =>
        {
            for (var row = from; row < to; row++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var own = task.FoldOf[row];
                scorer.Score(task.Rows[row], heldOut.AsSpan(row * count, count), other => task.FoldOf[other] != own);
            }
        }, cancellationToken);
        return new(scorer, heldOut, [], null);
    }

    /// <summary>Returns a scorer that has other vectors too.</summary>
    public NearestNeighbours With(FeatureTable features, int[] added, int allClasses) => new(
        (float[])[.. vectors.Span, .. features.Numbers.Span], [.. classes, .. added], allClasses, neighbours);

    public override void Score(ReadOnlySpan<float> features, Span<double> scores) => Score(features, scores, _ => true);

    private void Score(ReadOnlySpan<float> features, Span<double> scores, Func<int, bool> takes)
    {
        // The farthest of the nearest is on top, and gives way to a nearer vector. Of equal distances, the earlier vector stays.
        var nearest = new PriorityQueue<int, (float, int)>(Comparer<(float, int)>.Create((a, b) => b.CompareTo(a)));
        for (var row = 0; row < classes.Length; row++)
        {
            if (!takes(row))
                continue;
            var distance = TensorPrimitives.Distance(features, vectors.Span.Slice(row * features.Length, features.Length));
            if (nearest.Count < neighbours)
                nearest.Enqueue(row, (distance, row));
            else
                nearest.EnqueueDequeue(row, (distance, row));
        }
        scores.Clear();
        foreach (var (row, _) in nearest.UnorderedItems)
            scores[classes[row]]++;
        for (var c = 0; c < classCount; c++)
            scores[c] = Math.Log((scores[c] + Prior) / (nearest.Count + Prior * classCount));
    }
}
