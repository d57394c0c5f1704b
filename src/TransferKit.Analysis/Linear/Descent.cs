using System.Numerics;
using System.Numerics.Tensors;

namespace TransferKit.Analysis.Linear;

/// <summary>
/// Minimises a smooth convex function by L-BFGS, one evaluation at a time, so that several descents can share an evaluation. The caller
/// evaluates <see cref="Trial"/>, fills <see cref="Gradient"/> and <see cref="Scaled"/>, and calls <see cref="Advance"/>.
/// </summary>
internal sealed class Descent<T>(int length, double tolerance, int mostSteps)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Memory = 10;
    private const int MostHalvings = 25;
    private const double SufficientDecrease = 1e-4;

    // A smaller difference of two losses is rounding.
    private static readonly double Rounding = typeof(T) == typeof(float) ? 1e-6 : 1e-14;

    private readonly Queue<Pair> _pairs = new();
    private readonly T[] _direction = new T[length];
    private readonly T[] _gradient = new T[length];
    private readonly T[] _scaled = new T[length];
    private double? _loss;
    private double _slope;
    private double _step;
    private int _steps;
    private int _halvings;

    /// <summary>Gets the best point so far.</summary>
    public T[] Point { get; } = new T[length];

    /// <summary>Gets the point to evaluate next.</summary>
    public T[] Trial { get; private set; } = new T[length];

    /// <summary>Gets the buffer of the gradient at <see cref="Trial"/>.</summary>
    public T[] Gradient { get; } = new T[length];

    /// <summary>Gets the buffer of the gradient times an approximate inverse Hessian.</summary>
    public T[] Scaled { get; } = new T[length];

    public bool IsDone { get; private set; }

    /// <summary>Begins at <see cref="Point"/>.</summary>
    public void Start()
    {
        _pairs.Clear();
        Point.CopyTo(Trial, 0);
        (_loss, _steps, _halvings, IsDone) = (null, 0, 0, false);
    }

    /// <summary>Takes the evaluation of <see cref="Trial"/>, and chooses the next one or ends.</summary>
    /// <param name="loss">The function's value.</param>
    public void Advance(double loss)
    {
        if (_loss is { } before)
        {
            var allowed = before + SufficientDecrease * _step * _slope + Rounding * Math.Abs(before);
            if (!(loss <= allowed))
            {
                Shorten(before, loss);
                return;
            }
            Remember();
        }
        Trial.CopyTo(Point, 0);
        Gradient.CopyTo(_gradient, 0);
        Scaled.CopyTo(_scaled, 0);
        (_loss, _step, _halvings) = (loss, 1, 0);
        Aim();
        // Half the slope is what a step is expected to gain.
        if (!(-_slope / 2 > tolerance * Math.Max(loss, 1e-300)) || ++_steps > mostSteps)
            IsDone = true;
        else
            Try();
    }

    private void Shorten(double before, double loss)
    {
        if (++_halvings > MostHalvings)
        {
            // No step along the gradient's own direction lowers the loss by more than its rounding.
            if (_pairs.Count == 0)
            {
                IsDone = true;
                return;
            }
            _pairs.Clear();
            (_step, _halvings) = (1, 0);
            Aim();
            Try();
            return;
        }
        var best = -_slope * _step * _step / (2 * (loss - before - _slope * _step));
        _step = double.IsFinite(best) ? Math.Clamp(best, 0.1 * _step, 0.5 * _step) : 0.1 * _step;
        Try();
    }

    private void Try() => TensorPrimitives.MultiplyAdd(_direction, T.CreateChecked(_step), Point, Trial);

    private void Remember()
    {
        var pair = _pairs.Count == Memory ? _pairs.Dequeue() : new Pair(length);
        TensorPrimitives.Subtract(Trial, Point, pair.Move);
        TensorPrimitives.Subtract(Gradient, _gradient, pair.Turn);
        TensorPrimitives.Subtract(Scaled, _scaled, pair.ScaledTurn);
        pair.Product = Dot(pair.Move, pair.Turn);
        if (pair.Product > 0 && Dot(pair.Turn, pair.ScaledTurn) > 0)
            _pairs.Enqueue(pair);
    }

    // The two-loop recursion. The inverse Hessian is linear, so it is applied to each gradient once: that of a difference is a difference.
    private void Aim()
    {
        var pairs = _pairs.ToArray();
        var (weights, turned) = (new double[pairs.Length], (T[])_gradient.Clone());
        _scaled.CopyTo(_direction, 0);
        for (var i = pairs.Length - 1; i >= 0; i--)
        {
            weights[i] = Dot(pairs[i].Move, turned) / pairs[i].Product;
            var factor = T.CreateChecked(-weights[i]);
            TensorPrimitives.MultiplyAdd(pairs[i].Turn, factor, turned, turned);
            TensorPrimitives.MultiplyAdd(pairs[i].ScaledTurn, factor, _direction, _direction);
        }
        if (pairs is [.., var last])
            TensorPrimitives.Multiply(_direction, T.CreateChecked(last.Product / Dot(last.Turn, last.ScaledTurn)), _direction);
        for (var i = 0; i < pairs.Length; i++)
        {
            var factor = weights[i] - Dot(pairs[i].Turn, _direction) / pairs[i].Product;
            TensorPrimitives.MultiplyAdd(pairs[i].Move, T.CreateChecked(factor), _direction, _direction);
        }
        TensorPrimitives.Negate(_direction, _direction);
        _slope = Dot(_gradient, _direction);
        // Rounding can turn the direction uphill; the history is then of no use.
        if (!(_slope < 0) && pairs.Length > 0)
        {
            _pairs.Clear();
            Aim();
        }
    }

    private static double Dot(ReadOnlySpan<T> a, ReadOnlySpan<T> b) => double.CreateChecked(TensorPrimitives.Dot(a, b));

    private sealed class Pair(int length)
    {
        public T[] Move { get; } = new T[length];
        public T[] Turn { get; } = new T[length];
        public T[] ScaledTurn { get; } = new T[length];
        public double Product { get; set; }
    }
}
