using System.Numerics;
using System.Numerics.Tensors;

namespace TransferKit.Analysis.Linear;

/// <summary>Represents a softmax regression on the rows outside a fold.</summary>
/// <param name="Fold">The fold that is left out; -1 for none.</param>
/// <param name="Count">The number of rows outside the fold.</param>
internal sealed record SoftmaxTask(int Fold, int Count)
{
    /// <summary>Gets or sets half the factor of the squared coefficients, beside the mean loss.</summary>
    public double Penalty { get; set; }

    /// <summary>Gets or sets the mean curvature of the loss by a score, as of the last evaluation.</summary>
    public double Curvature { get; set; }
}

/// <summary>
/// Evaluates the mean cross-entropy of softmax regressions, with penalties and gradients. Several regressions on the same features, such as
/// those of a cross-validation, share one pass over the rows. Coefficients are a row of classes for each feature, and one of intercepts.
/// </summary>
internal sealed class SoftmaxLoss<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // A block of rows and its scores fit the second cache. Each chunk has a gradient of its own, so there are few.
    private const int BlockRows = 64;
    private const int MostChunks = 16;

    private readonly CentredRows _rows;
    private readonly int[] _classes;
    private readonly int[] _folds;
    private readonly int _classCount;
    private readonly T[] _mean;

    /// <param name="rows">The features.</param>
    /// <param name="classes">The class of each row.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="folds">The fold of each row.</param>
    public SoftmaxLoss(CentredRows rows, int[] classes, int classCount, int[] folds)
    {
        (_rows, _classes, _classCount, _folds) = (rows, classes, classCount, folds);
        _mean = rows.MeanAs<T>();
    }

    /// <summary>Evaluates regressions.</summary>
    /// <param name="tasks">The regressions.</param>
    /// <param name="points">The coefficients of each.</param>
    /// <param name="gradients">Receives the gradient of each.</param>
    /// <param name="cancellationToken">Token to cancel the evaluation.</param>
    /// <returns>The loss of each.</returns>
    public double[] Evaluate(
        IReadOnlyList<SoftmaxTask> tasks, IReadOnlyList<T[]> points, IReadOnlyList<T[]> gradients, CancellationToken cancellationToken)
    {
        using var weights = Pack(points, out var columns);
        var size = Math.Max(8 * BlockRows, (_rows.Count + MostChunks - 1) / MostChunks);
        var chunks = new Chunk[(_rows.Count + size - 1) / size];
        Blocks.Run(0, _rows.Count, size, (from, to) =>
            chunks[from / size] = Evaluate(tasks, weights.Array, columns, from, to, cancellationToken), cancellationToken);

        var sum = chunks[0].Gradient.Span;
        foreach (var chunk in chunks.AsSpan(1))
            TensorPrimitives.Add(sum, chunk.Gradient.Span, sum);
        var losses = new double[tasks.Count];
        for (var t = 0; t < tasks.Count; t++)
        {
            var (task, gradient) = (tasks[t], gradients[t]);
            var coefficients = points[t].AsSpan(0, _rows.Dimensions * _classCount);
            for (var d = 0; d <= _rows.Dimensions; d++)
                sum.Slice(d * columns + t * _classCount, _classCount).CopyTo(gradient.AsSpan(d * _classCount));
            var penalised = gradient.AsSpan(0, coefficients.Length);
            TensorPrimitives.MultiplyAdd(coefficients, T.CreateChecked(task.Penalty), penalised, penalised);
            losses[t] = chunks.Sum(c => c.Losses[t]) / task.Count
                + task.Penalty / 2 * double.CreateChecked(TensorPrimitives.SumOfSquares<T>(coefficients));
            task.Curvature = chunks.Sum(c => c.Curvatures[t]) / task.Count / _classCount;
        }
        foreach (var chunk in chunks)
            chunk.Gradient.Dispose();
        return losses;
    }

    /// <summary>Computes the scores of the rows of a fold.</summary>
    /// <param name="task">The regression that left the fold out.</param>
    /// <param name="point">Its coefficients.</param>
    /// <param name="scores">Receives the scores: a row for each row of the features, of which those of the fold are written.</param>
    public void ScoreFold(SoftmaxTask task, T[] point, double[] scores)
    {
        using var packed = Pack([point], out var columns);
        var weights = packed.Array;
        Blocks.Run(0, _rows.Count, BlockRows, (from, to) =>
        {
            var (features, block) = (new T[_rows.Dimensions + 1], new T[columns]);
            for (var row = from; row < to; row++)
            {
                if (_folds[row] != task.Fold)
                    continue;
                Read(row, features);
                Array.Clear(block);
                Product<T>.Add(new(features, features.Length), new(weights, columns), new(block, columns), 1, features.Length, columns);
                TensorPrimitives.ConvertTruncating<T, double>(
                    block.AsSpan(0, _classCount), scores.AsSpan(row * _classCount, _classCount));
            }
        });
    }

    private Chunk Evaluate(
        IReadOnlyList<SoftmaxTask> tasks, T[] weights, int columns, int from, int to, CancellationToken cancellationToken)
    {
        var (terms, stride) = (_rows.Dimensions + 1, Product<T>.Padded(_rows.Dimensions + 1));
        using Scratch<T> rows = new(BlockRows * stride), outputs = new(BlockRows * columns);
        var (features, scores) = (rows.Array, outputs.Array);
        var chunk = new Chunk(new(terms * columns), new double[tasks.Count], new double[tasks.Count]);
        for (var first = from; first < to; first += BlockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(BlockRows, to - first);
            for (var i = 0; i < count; i++)
                Read(first + i, features.AsSpan(i * stride, terms));
            outputs.Span.Clear();
            Product<T>.Add(new(features, stride), new(weights, columns), new(scores, columns), count, terms, columns);
            ToResiduals(tasks, first, count, outputs.Span, columns, chunk);
            Product<T>.Add(
                new Strided<T>(features, stride).Transposed, new(scores, columns), new(chunk.Gradient.Span, columns), terms, count,
                columns);
        }
        return chunk;
    }

    // Replaces scores by the gradient of the mean loss with respect to them. Spans of a few classes are too short for vectors, so loops do
    // all but the exponentials of the block.
    private void ToResiduals(IReadOnlyList<SoftmaxTask> tasks, int first, int count, Span<T> scores, int columns, Chunk chunk)
    {
        for (var i = 0; i < count; i++)
        {
            for (var t = 0; t < tasks.Count; t++)
                chunk.Losses[t] -= SubtractMost(tasks[t], first + i, scores.Slice(i * columns + t * _classCount, _classCount));
        }
        TensorPrimitives.Exp(scores, scores);
        for (var i = 0; i < count; i++)
        {
            for (var t = 0; t < tasks.Count; t++)
                ToResidual(tasks[t], first + i, scores.Slice(i * columns + t * _classCount, _classCount), chunk, t);
        }
    }

    // Returns the score of the row's own class, minus the largest.
    private double SubtractMost(SoftmaxTask task, int row, Span<T> scores)
    {
        var most = scores[0];
        foreach (var score in scores)
            most = T.Max(most, score);
        for (var c = 0; c < scores.Length; c++)
            scores[c] -= most;
        return _folds[row] == task.Fold ? 0 : double.CreateChecked(scores[_classes[row]]);
    }

    private void ToResidual(SoftmaxTask task, int row, Span<T> exponentials, Chunk chunk, int index)
    {
        if (_folds[row] == task.Fold)
        {
            exponentials.Clear();
            return;
        }
        var (sum, squares) = (T.Zero, T.Zero);
        foreach (var e in exponentials)
            (sum, squares) = (sum + e, squares + e * e);
        chunk.Losses[index] += Math.Log(double.CreateChecked(sum));
        chunk.Curvatures[index] += 1 - double.CreateChecked(squares / (sum * sum));
        var share = T.One / T.CreateChecked(task.Count);
        var scale = share / sum;
        for (var c = 0; c < exponentials.Length; c++)
            exponentials[c] *= scale;
        exponentials[_classes[row]] -= share;
    }

    private void Read(int row, Span<T> destination)
    {
        _rows.Read<T>(row, _mean, destination[..^1]);
        destination[^1] = T.One;
    }

    private Scratch<T> Pack(IReadOnlyList<T[]> points, out int columns)
    {
        columns = Product<T>.Padded(points.Count * _classCount);
        var weights = new Scratch<T>((_rows.Dimensions + 1) * columns);
        for (var p = 0; p < points.Count; p++)
        {
            for (var d = 0; d <= _rows.Dimensions; d++)
                points[p].AsSpan(d * _classCount, _classCount).CopyTo(weights.Span[(d * columns + p * _classCount)..]);
        }
        return weights;
    }

    private sealed record Chunk(Scratch<T> Gradient, double[] Losses, double[] Curvatures);
}
