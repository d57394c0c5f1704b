using System.Numerics.Tensors;
using TransferKit.Analysis.Linear;
using TransferKit.Common;

namespace TransferKit.Analysis.Maps;

/// <summary>
/// Places points so that near rows are near: t-SNE with Barnes and Hut's approximation and the schedule of scikit-learn's <c>TSNE</c>,
/// beginning at the principal components.
/// </summary>
internal sealed class Tsne
{
    private const double Angle = 0.5;
    private const double FirstSpread = 1e-4;
    private const double LeastGain = 0.01;
    private const double LeastGradient = 1e-7;
    private const int ExaggeratedSteps = 250;
    private const int Steps = 1000;
    private const int StepsBetweenChecks = 50;
    private const double Exaggeration = 12;
    private const int PointsAtOnce = 256;

    private readonly Affinities _affinities;
    private readonly QuadTree _tree;
    private readonly double[] _kernels;

    /// <param name="affinities">The probabilities to keep.</param>
    /// <param name="x">The first coordinates, which <see cref="Run"/> changes.</param>
    /// <param name="y">The second coordinates.</param>
    /// <param name="angle">The angle of <see cref="QuadTree"/>.</param>
    public Tsne(Affinities affinities, double[] x, double[] y, double angle = Angle)
    {
        (_affinities, X, Y) = (affinities, x, y);
        (_tree, _kernels) = (new(x, y, angle), new double[x.Length]);
        (GradientX, GradientY) = (new double[x.Length], new double[x.Length]);
    }

    public double[] X { get; }

    public double[] Y { get; }

    public double[] GradientX { get; }

    public double[] GradientY { get; }

    /// <summary>Creates an embedding that begins at coordinates, scaled to a small spread, with noise that parts equal points.</summary>
    public static Tsne At(Affinities affinities, double[][] coordinates, int seed)
    {
        var (random, points) = (new CounterRandom(seed, "t-SNE"), affinities.Count);
        var spread = TensorPrimitives.StdDev<double>(coordinates[0]);
        var axes = coordinates.Select((axis, a) => axis.Select((value, i) =>
        {
            var noise = Math.ScaleB(random.At((long)a * points + i) >> 11, -52) - 1;
            return FirstSpread * ((spread > 0 ? value / spread : 0) + 0.01 * noise);
        }).ToArray()).ToArray();
        return new(affinities, axes[0], axes[1]);
    }

    public void Run(IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var rate = Math.Max(_affinities.Count / Exaggeration / 4, 50);
        Axis[] axes = [new(X, GradientX), new(Y, GradientY)];
        for (var step = 0; step < Steps; step++)
        {
            var isEarly = step < ExaggeratedSteps;
            ComputeGradient(isEarly ? Exaggeration : 1, cancellationToken);
            if (step % StepsBetweenChecks == 0)
            {
                progress?.Report((double)step / Steps);
                var norm = double.Hypot(TensorPrimitives.Norm<double>(GradientX), TensorPrimitives.Norm<double>(GradientY));
                if (!isEarly && norm <= LeastGradient)
                    return;
            }
            foreach (var axis in axes)
                axis.Move(rate, isEarly ? 0.5 : 0.8);
        }
    }

    /// <summary>Writes the gradient of the divergence at the points, and returns the sum of the kernel over all pairs.</summary>
    /// <param name="exaggeration">The factor of the probabilities.</param>
    /// <param name="cancellationToken">Token to cancel the computation.</param>
    public double ComputeGradient(double exaggeration, CancellationToken cancellationToken = default)
    {
        _tree.Build();
        Blocks.Run(0, X.Length, PointsAtOnce, (from, to) =>
        {
            for (var i = from; i < to; i++)
                (_kernels[i], GradientX[i], GradientY[i]) = _tree.SumAt(X[i], Y[i]);
        }, cancellationToken);
        var sum = _kernels.Sum() - X.Length;
        Blocks.Run(0, X.Length, PointsAtOnce, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                var (pullX, pullY) = (0.0, 0.0);
                for (var at = _affinities.Starts[i]; at < _affinities.Starts[i + 1]; at++)
                {
                    var other = _affinities.Columns[at];
                    var (dx, dy) = (X[i] - X[other], Y[i] - Y[other]);
                    var weight = _affinities.Values[at] / (1 + dx * dx + dy * dy);
                    pullX += weight * dx;
                    pullY += weight * dy;
                }
                GradientX[i] = 4 * (exaggeration * pullX - GradientX[i] / sum);
                GradientY[i] = 4 * (exaggeration * pullY - GradientY[i] / sum);
            }
        }, cancellationToken);
        return sum;
    }

    /// <summary>Returns the Kullback-Leibler divergence of the points' kernel from the probabilities.</summary>
    public double Divergence()
    {
        var (sum, divergence) = (ComputeGradient(1), 0.0);
        for (var i = 0; i < X.Length; i++)
        {
            for (var at = _affinities.Starts[i]; at < _affinities.Starts[i + 1]; at++)
            {
                var (p, other) = (_affinities.Values[at], _affinities.Columns[at]);
                var kernel = 1 / (1 + Math.Pow(X[i] - X[other], 2) + Math.Pow(Y[i] - Y[other], 2));
                if (p > 0)
                    divergence += p * Math.Log(p * sum / kernel);
            }
        }
        return divergence;
    }

    // Gradient descent with momentum and a gain for each coordinate, which grows while the gradient keeps its sign.
    private sealed class Axis(double[] coordinates, double[] gradient)
    {
        private readonly double[] _gains = [.. Enumerable.Repeat(1.0, coordinates.Length)];
        private readonly double[] _updates = new double[coordinates.Length];

        public void Move(double rate, double momentum)
        {
            for (var i = 0; i < coordinates.Length; i++)
            {
                _gains[i] = Math.Max(LeastGain, _updates[i] * gradient[i] < 0 ? _gains[i] + 0.2 : _gains[i] * 0.8);
                _updates[i] = momentum * _updates[i] - rate * _gains[i] * gradient[i];
                coordinates[i] += _updates[i];
            }
        }
    }
}
