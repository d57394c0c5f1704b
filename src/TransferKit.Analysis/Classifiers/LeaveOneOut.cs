using System.Numerics.Tensors;
using TransferKit.Analysis.Linear;

namespace TransferKit.Analysis.Classifiers;

/// <summary>
/// Computes the probabilities of each row's classes by a ridge regression on all other rows. Its hat matrix gives what a regression without
/// a row would predict for it, so one factorisation serves all rows.
/// </summary>
internal sealed class LeaveOneOut
{
    /// <summary>The greatest length of vectors: the matrix has its square.</summary>
    public const int MostDimensions = 4096;

    /// <summary>The class of a row from which nothing is learned.</summary>
    public const int Unknown = TemperatureScaling.Unknown;

    private const int Block = 64;
    private const int RowsAtOnce = 1024;

    // Each is relative to the variance of the features, and the one of the least loss is taken.
    private static readonly double[] Penalties = [0.01, 0.1, 1];

    private readonly CentredRows _rows;
    private readonly float[] _mean;
    private readonly (Cholesky Factor, float[] Leverages)[] _fits;
    private double[] _best = [];
    private double[] _scores = [];

    /// <param name="rows">The features.</param>
    /// <param name="progress">Progress reporter for the fraction done, 0..1.</param>
    /// <param name="cancellationToken">Token to cancel the computation.</param>
    public LeaveOneOut(CentredRows rows, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        (_rows, _mean) = (rows, rows.MeanAs<float>());
        var stride = (rows.Dimensions + Block - 1) / Block * Block;
        var gram = Gram(stride, cancellationToken);
        progress?.Report(1 / (1.0 + Penalties.Length));
        var variance = Enumerable.Range(0, rows.Dimensions).Sum(i => (double)gram[i * stride + i]) / rows.Count;
        _fits = new (Cholesky, float[])[Penalties.Length];
        foreach (var (i, penalty) in Penalties.Index())
        {
            var matrix = (float[])gram.Clone();
            for (var d = 0; d < rows.Dimensions; d++)
                matrix[d * stride + d] += (float)Math.Max(penalty * variance, 1e-20);
            var factor = Cholesky.Factor(matrix, rows.Dimensions, stride);
            _fits[i] = (factor, Leverages(factor, cancellationToken));
            progress?.Report((i + 2) / (1.0 + Penalties.Length));
        }
    }

    /// <summary>Computes the calibrated probabilities, row by row. The next call overwrites them.</summary>
    /// <param name="classes">The class of each row, or <see cref="Unknown"/>.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="cancellationToken">Token to cancel the computation.</param>
    public double[] Probabilities(int[] classes, int classCount, CancellationToken cancellationToken)
    {
        var targets = new Targets(classes, classCount);
        var moments = Moments(targets, cancellationToken);
        // For many rows and classes these arrays are large, so they serve all penalties and both rounds of a check.
        if (_best.Length != _rows.Count * classCount)
            (_best, _scores) = (new double[_rows.Count * classCount], new double[_rows.Count * classCount]);
        var (least, bestTemperature) = (double.PositiveInfinity, 1.0);
        foreach (var (factor, leverages) in _fits)
        {
            Score(targets, factor, leverages, moments, cancellationToken);
            var temperature = TemperatureScaling.Temperature(_scores, classes, classCount);
            var loss = TemperatureScaling.Loss(_scores, classes, classCount, temperature);
            if (loss < least)
                (_best, _scores, least, bestTemperature) = (_scores, _best, loss, temperature);
        }
        for (var at = 0; at < _best.Length; at += classCount)
            TemperatureScaling.ToProbabilities(_best.AsSpan(at, classCount), _best.AsSpan(at, classCount), bestTemperature);
        return _best;
    }

    // The features times themselves, of which the lower triangle is computed.
    private float[] Gram(int stride, CancellationToken cancellationToken)
    {
        var gram = new float[_rows.Dimensions * stride];
        ForParts((part, width, _, count) => Blocks.Run(0, _rows.Dimensions, Block, (from, to) => Product<float>.Add(
            new Strided<float>(part.AsSpan(from), width).Transposed, new(part, width), new(gram.AsSpan(from * stride), stride), to - from,
            count, Product<float>.Padded(to)), cancellationToken), cancellationToken);
        return gram;
    }

    // The features times the targets.
    private float[] Moments(Targets targets, CancellationToken cancellationToken)
    {
        var moments = new float[_rows.Dimensions * targets.Columns];
        ForParts((part, width, first, count) =>
        {
            var wanted = new float[count * targets.Columns];
            for (var i = 0; i < count; i++)
                targets.Write(first + i, wanted.AsSpan(i * targets.Columns, targets.Columns));
            Blocks.Run(0, _rows.Dimensions, Block, (from, to) => Product<float>.Add(
                new Strided<float>(part.AsSpan(from), width).Transposed, new(wanted, targets.Columns),
                new(moments.AsSpan(from * targets.Columns), targets.Columns), to - from, count, targets.Columns), cancellationToken);
        }, cancellationToken);
        return moments;
    }

    // Reads so many rows at once that no second copy of all exists.
    private void ForParts(Action<float[], int, int, int> use, CancellationToken cancellationToken)
    {
        var width = Product<float>.Padded(_rows.Dimensions);
        var part = new float[Math.Min(RowsAtOnce, _rows.Count) * width];
        for (var first = 0; first < _rows.Count; first += RowsAtOnce)
        {
            var (start, count) = (first, Math.Min(RowsAtOnce, _rows.Count - first));
            Blocks.Run(0, count, Block, (from, to) =>
            {
                for (var i = from; i < to; i++)
                    _rows.Read<float>(start + i, _mean, part.AsSpan(i * width, _rows.Dimensions));
            }, cancellationToken);
            use(part, width, first, count);
        }
    }

    // The share that a row has in its own prediction.
    private float[] Leverages(Cholesky factor, CancellationToken cancellationToken)
    {
        var leverages = new float[_rows.Count];
        Blocks.Run(0, _rows.Count, Block, (from, to) =>
        {
            using Scratch<float> vector = new(_rows.Dimensions), vectors = new(_rows.Dimensions * Block), solved = new(vectors.Length);
            for (var row = from; row < to; row++)
            {
                _rows.Read(row, _mean, vector.Span);
                for (var d = 0; d < vector.Length; d++)
                    vectors.Array[d * Block + row - from] = vector.Array[d];
            }
            vectors.Span.CopyTo(solved.Span);
            factor.Solve(solved.Array, Block);
            TensorPrimitives.Multiply(vectors.Span, solved.Span, solved.Span);
            var sums = solved.Span[..Block];
            for (var d = 1; d < vector.Length; d++)
                TensorPrimitives.Add(sums, solved.Span.Slice(d * Block, Block), sums);
            for (var row = from; row < to; row++)
                leverages[row] = sums[row - from] + 1f / _rows.Count;
        }, cancellationToken);
        return leverages;
    }

    private void Score(
        Targets targets, Cholesky factor, float[] leverages, float[] moments, CancellationToken cancellationToken)
    {
        var coefficients = (float[])moments.Clone();
        factor.Solve(coefficients, targets.Columns);
        var (dimensions, scores) = (_rows.Dimensions, _scores);
        Blocks.Run(0, _rows.Count, Block, (from, to) =>
        {
            using Scratch<float> own = new((to - from) * dimensions), predicted = new((to - from) * targets.Columns);
            var wanted = new float[targets.Columns];
            for (var row = from; row < to; row++)
                _rows.Read(row, _mean, own.Span.Slice((row - from) * dimensions, dimensions));
            Product<float>.Add(
                new(own.Span, dimensions), new(coefficients, targets.Columns), new(predicted.Span, targets.Columns), to - from, dimensions,
                targets.Columns);
            for (var row = from; row < to; row++)
            {
                targets.Write(row, wanted);
                for (var c = 0; c < targets.Classes; c++)
                {
                    var error = wanted[c] - predicted.Array[(row - from) * targets.Columns + c];
                    scores[row * targets.Classes + c] = wanted[c] - error / Math.Max(1 - leverages[row], 1e-6);
                }
            }
        }, cancellationToken);
    }

    /// <summary>
    /// Represents the classes as numbers to regress on: 1 for a row's class and 0 for others, minus the mean. A row of unknown class has
    /// the mean.
    /// </summary>
    private sealed class Targets(int[] classes, int count)
    {
        private readonly float[] _shares = [.. Enumerable.Range(0, count)
            .Select(c => classes.Count(own => own == c) / (float)classes.Count(own => own != Unknown))];

        public int Classes => count;

        public int Columns { get; } = Product<float>.Padded(count);

        public void Write(int row, Span<float> target)
        {
            target.Clear();
            if (classes[row] == Unknown)
                return;
            TensorPrimitives.Negate(_shares, target);
            target[classes[row]] += 1;
        }
    }
}
