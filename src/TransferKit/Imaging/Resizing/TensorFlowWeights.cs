using System.Runtime.CompilerServices;

namespace TransferKit.Imaging.Resizing;

/// <summary>
/// Represents the weights of one direction of <c>tf.image.resize</c> without antialiasing, computed in single precision as in TensorFlow's
/// kernels. Black positions have no weight, because they add nothing.
/// </summary>
internal sealed class TensorFlowWeights
{
    private const int CubicSteps = 1024;

    private int[] _first = [];
    private int[] _count = [];
    private float[] _values = [];

    /// <summary>Gets the number of weights of each position of the result, some of which may be unused.</summary>
    public int Stride { get; private set; }

    /// <summary>Gets the first source position of each position of the result; it never decreases.</summary>
    public ReadOnlySpan<int> First => _first;

    /// <summary>Gets the number of source positions of each position of the result; 0 for black.</summary>
    public ReadOnlySpan<int> Count => _count;

    /// <summary>Gets the weights, <see cref="Stride"/> per position of the result; unused ones are 0.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>Returns the largest number of source positions that contribute to a position of the result.</summary>
    public static int Longest(TensorFlowAxis axis, Interpolation filter) => filter switch
    {
        Interpolation.Nearest => 1,
        Interpolation.Bilinear => 2,
        Interpolation.Bicubic => 4,
        Interpolation.Area => (int)Math.Min(Math.Ceiling((double)axis.Total / axis.Size) + 2, axis.Total),
        _ => (2 * (int)MathF.Ceiling(Radius(filter))) + 1,
    };

    /// <summary>Replaces the weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Compute(TensorFlowAxis axis, Interpolation filter)
    {
        Stride = Longest(axis, filter);
        if (_first.Length < axis.Target || _values.Length < axis.Target * Stride)
            (_first, _count, _values) = (new int[axis.Target], new int[axis.Target], new float[axis.Target * Stride]);
        Array.Clear(_values);
        Span<float> weights = Stride <= 64 ? stackalloc float[Stride] : new float[Stride];
        var scale = axis.Total / (float)axis.Size;
        for (var i = 0; i < axis.Target; i++)
        {
            (_first[i], _count[i]) = (i == 0 ? 0 : _first[i - 1], 0);
            var at = i - axis.Offset;
            if (at < 0 || at >= axis.Size)
                continue;
            weights.Clear();
            var (from, length) = filter switch
            {
                Interpolation.Nearest => Nearest(at, scale, axis.Total, weights),
                Interpolation.Bilinear => Bilinear(at, scale, axis.Total, weights),
                Interpolation.Bicubic => Bicubic(at, scale, axis.Total, weights),
                Interpolation.Area => Area(at, scale, axis.Total, weights),
                _ => Kernel(filter, at, axis, weights),
            };
            // The weights of black bars are left out.
            var skipped = Math.Max(axis.Bar - from, 0);
            var end = Math.Min(from + length, axis.Bar + axis.Length);
            if (from + skipped >= end)
                continue;
            (_first[i], _count[i]) = (axis.Start + from + skipped - axis.Bar, end - from - skipped);
            weights[skipped..(end - from)].CopyTo(_values.AsSpan(i * Stride));
        }
    }

    private static (int From, int Length) Nearest(int i, float scale, int total, Span<float> weights)
    {
        weights[0] = 1;
        return (Math.Clamp((int)MathF.Floor((i + 0.5f) * scale), 0, total - 1), 1);
    }

    private static (int From, int Length) Bilinear(int i, float scale, int total, Span<float> weights)
    {
        var at = ((i + 0.5f) * scale) - 0.5f;
        var floor = MathF.Floor(at);
        var (lower, upper) = (Math.Max((int)floor, 0), Math.Min((int)MathF.Ceiling(at), total - 1));
        if (upper <= lower)
        {
            weights[0] = 1;
            return (lower, 1);
        }
        (weights[0], weights[1]) = (1 - (at - floor), at - floor);
        return (lower, 2);
    }

    /// <summary>Computes Keys' cubic, which TensorFlow looks up in a table of 1,024 steps. Positions outside have no weight.</summary>
    private static (int From, int Length) Bicubic(int i, float scale, int total, Span<float> weights)
    {
        var at = ((i + 0.5f) * scale) - 0.5f;
        var floor = (int)MathF.Floor(at);
        var step = (int)MathF.Round((at - floor) * CubicSteps);
        var first = Math.Max(floor - 1, 0);
        var length = Math.Min(floor + 2, total - 1) - first + 1;
        var sum = 0f;
        for (var k = 0; k < length; k++)
        {
            var distance = (first + k - floor) switch
            {
                -1 => CubicSteps + step,
                0 => step,
                1 => CubicSteps - step,
                _ => (2 * CubicSteps) - step,
            };
            weights[k] = Keys(distance / (float)CubicSteps);
            sum += weights[k];
        }
        Divide(weights[..length], sum);
        return (first, length);
    }

    private static (int From, int Length) Area(int i, float scale, int total, Span<float> weights)
    {
        var (from, to) = (i * scale, (i + 1) * scale);
        var first = Math.Min((int)MathF.Floor(from), total - 1);
        var length = 0;
        for (var source = (int)MathF.Floor(from); source < (int)MathF.Ceiling(to); source++)
        {
            var share = source < from
                ? (source + 1 > to ? scale : source + 1 - from)
                : (source + 1 > to ? to - source : 1f);
            // Rounding may reach one position too far; TensorFlow takes the last one instead.
            var index = Math.Min(source, total - 1) - first;
            weights[index] += share * (1 / scale);
            length = index + 1;
        }
        return (first, length);
    }

    private static (int From, int Length) Kernel(Interpolation filter, int i, TensorFlowAxis axis, Span<float> weights)
    {
        // The kernel takes the inverse of a scale, which is rounded once more.
        var inverse = (float)(1.0 / (axis.Size / (float)axis.Total));
        var (centre, radius) = ((i + 0.5f) * inverse, Radius(filter));
        if (centre > axis.Total)
            return (axis.Total - 1, 0);
        var first = Math.Clamp((int)MathF.Ceiling(centre - radius - 0.5f), 0, axis.Total - 1);
        var end = Math.Clamp((int)MathF.Floor(centre + radius - 0.5f), 0, axis.Total - 1) + 1;
        var sum = 0f;
        for (var source = first; source < end; source++)
        {
            var weight = Weight(filter, MathF.Abs(source + 0.5f - centre));
            weights[source - first] = weight;
            sum += weight;
        }
        Divide(weights[..(end - first)], sum);
        return (first, end - first);
    }

    private static void Divide(Span<float> weights, float sum)
    {
        // 1,000 times the smallest normal number of single precision, as in TensorFlow.
        const float least = 1.17549435e-35f;
        if (MathF.Abs(sum) < least)
            return;
        var inverse = 1 / sum;
        foreach (ref var weight in weights)
            weight *= inverse;
    }

    private static float Radius(Interpolation filter) => filter switch
    {
        Interpolation.Lanczos3 => 3,
        Interpolation.Lanczos5 => 5,
        Interpolation.Gaussian => 1.5f,
        Interpolation.MitchellCubic => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "TensorFlow has no such filter."),
    };

    private static float Weight(Interpolation filter, float x) => filter switch
    {
        Interpolation.Gaussian => x >= 1.5f ? 0 : (float)Math.Exp(-x * x / 0.5),
        Interpolation.MitchellCubic => x switch
        {
            >= 2 => 0,
            >= 1 => (((((-7f / 18f) * x) + 2f) * x - (10f / 3f)) * x) + (16f / 9f),
            _ => ((((7f / 6f) * x) - 2f) * x * x) + (8f / 9f),
        },
        _ => Lanczos(x, Radius(filter)),
    };

    private static float Lanczos(float x, float radius)
    {
        if (x > radius)
            return 0;
        return x <= 1e-3f
            ? 1
            : radius * MathF.Sin(MathF.PI * x) * MathF.Sin(MathF.PI * x / radius) / (MathF.PI * MathF.PI * x * x);
    }

    private static float Keys(float x)
    {
        const float a = -0.5f;
        return x <= 1
            ? ((((a + 2) * x) - (a + 3)) * x * x) + 1
            : (((((a * x) - (5 * a)) * x) + (8 * a)) * x) - (4 * a);
    }
}
