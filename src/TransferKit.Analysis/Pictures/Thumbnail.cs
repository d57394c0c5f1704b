using System.Numerics.Tensors;

namespace TransferKit.Analysis.Pictures;

/// <summary>
/// Represents a picture by a few coloured pixels, which tell whether another is a copy: resized, encoded again, or cropped at its sides.
/// </summary>
internal sealed class Thumbnail
{
    private const int Side = 32;
    private const int Channels = 3;

    // A picture's border lies outside its crop or was filtered with other neighbours, so it is not compared.
    private const int Border = 2;
    private const int Inner = Side - 2 * Border;

    // Of nearly plain pictures, noise would decide.
    private const double LeastVariance = 4;

    // Copies keep the differences of their mean red, green and blue. A picture in another colour is another picture.
    private const float MostTint = 16;

    // The search takes large steps first. Its figures are relative to the picture's sides.
    private const double MostCropped = 0.15;
    private const double FirstStep = 0.04;
    private const double LastStep = 0.005;

    // No crop makes a copy of pictures that hardly resemble each other.
    private const double Hopeless = 0.5;

    // Crops are left, top, right and bottom.
    private static readonly double[][] Starts =
    [
        [0, 0, 0, 0], [.025, .025, .025, .025], [.05, .05, .05, .05], [.05, 0, 0, 0], [0, .05, 0, 0], [0, 0, .05, 0], [0, 0, 0, .05],
    ];

    private static readonly double[][] Moves =
    [
        [1, 1, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, -1, 0], [0, 1, 0, -1],
    ];

    private readonly byte[] _pixels;
    private readonly float _redness;
    private readonly float _blueness;

    private Thumbnail(byte[] pixels)
    {
        _pixels = pixels;
        for (var i = 0; i < pixels.Length; i += Channels)
        {
            _redness += (pixels[i] - pixels[i + 1]) / (float)(Side * Side);
            _blueness += (pixels[i + 2] - pixels[i + 1]) / (float)(Side * Side);
        }
    }

    // Details near the size of a pixel would differ after a crop, so they are blurred away.
    public static Thumbnail Of(RgbImage image)
    {
        var pixels = image.Resize(Side, Side, Interpolation.Bilinear).Pixels.ToArray();
        return new(Blurred(Blurred(pixels, Channels), Side * Channels));
    }

    /// <summary>Returns the correlation of two pictures' pixels, -1..1, where one may be a crop of the other.</summary>
    public static double Correlation(Thumbnail a, Thumbnail b) =>
        Math.Abs(a._redness - b._redness) > MostTint || Math.Abs(a._blueness - b._blueness) > MostTint
            ? 0
            : Math.Max(a.BestCropFor(b), b.BestCropFor(a));

    private double BestCropFor(Thumbnail part)
    {
        var (target, cropped) = (part.Cropped(Starts[0], new float[Inner * Inner * Channels]), new float[Inner * Inner * Channels]);
        var (crop, best) = (Starts[0], -1.0);
        foreach (var start in Starts)
        {
            if (Correlation(Cropped(start, cropped), target) is var correlation && correlation > best)
                (best, crop) = (correlation, start);
        }
        if (best < Hopeless)
            return best;
        for (var step = FirstStep; step >= LastStep; step /= 2)
        {
            for (var improves = true; improves;)
            {
                improves = false;
                foreach (var move in Moves)
                {
                    improves |= Try(move, step);
                    improves |= Try(move, -step);
                }
            }
        }
        return best;

        bool Try(double[] move, double step)
        {
            double[] moved = [.. crop.Zip(move, (c, m) => Math.Clamp(c + m * step, 0, MostCropped))];
            if (moved.AsSpan().SequenceEqual(crop)
                || Correlation(Cropped(moved, cropped), target) is var correlation && correlation <= best)
            {
                return false;
            }
            (best, crop) = (correlation, moved);
            return true;
        }
    }

    // Returns the inner pixels of a crop, resized to the size of the whole, without their mean and gradient.
    private float[] Cropped(double[] crop, float[] cropped)
    {
        Span<(int Place, float Share)> columns = stackalloc (int, float)[Inner], rows = stackalloc (int, float)[Inner];
        Fill(columns, crop[0], crop[2]);
        Fill(rows, crop[1], crop[3]);
        var at = 0;
        foreach (var (row, down) in rows)
        {
            foreach (var (column, right) in columns)
            {
                var from = (row * Side + column) * Channels;
                for (var c = 0; c < Channels; c++, from++)
                {
                    var below = from + Side * Channels;
                    var upper = _pixels[from] + right * (_pixels[from + Channels] - _pixels[from]);
                    var lower = _pixels[below] + right * (_pixels[below + Channels] - _pixels[below]);
                    cropped[at++] = upper + down * (lower - upper);
                }
            }
        }
        Flatten(cropped);
        return cropped;
    }

    private static void Fill(Span<(int Place, float Share)> places, double before, double after)
    {
        for (var i = 0; i < Inner; i++)
        {
            var at = Math.Clamp(Side * before + (Border + i + 0.5) * (1 - before - after) - 0.5, 0, Side - 1);
            var place = Math.Min((int)at, Side - 2);
            places[i] = (place, (float)(at - place));
        }
    }

    // Two skies resemble each other by their colour and its gradient alone, so these are subtracted.
    private static void Flatten(float[] pixels)
    {
        const double Squares = Inner * (Inner * Inner - 1) / 12.0 * Inner;
        Span<double> mean = stackalloc double[Channels], across = stackalloc double[Channels], down = stackalloc double[Channels];
        for (var i = 0; i < pixels.Length; i++)
        {
            mean[i % Channels] += pixels[i] / (double)(Inner * Inner);
            across[i % Channels] += Centred(i / Channels % Inner) * pixels[i] / Squares;
            down[i % Channels] += Centred(i / Channels / Inner) * pixels[i] / Squares;
        }
        for (var i = 0; i < pixels.Length; i++)
        {
            var c = i % Channels;
            pixels[i] -= (float)(mean[c] + across[c] * Centred(i / Channels % Inner) + down[c] * Centred(i / Channels / Inner));
        }

        static double Centred(int place) => place - (Inner - 1) / 2.0;
    }

    private static double Correlation(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var (squaresA, squaresB) = (TensorPrimitives.SumOfSquares(a), TensorPrimitives.SumOfSquares(b));
        return Math.Min(squaresA, squaresB) < a.Length * LeastVariance
            ? 0
            : TensorPrimitives.Dot(a, b) / Math.Sqrt((double)squaresA * squaresB);
    }

    private static byte[] Blurred(byte[] pixels, int distance)
    {
        var blurred = new byte[pixels.Length];
        for (var i = 0; i < pixels.Length; i++)
        {
            var place = i / distance % Side;
            var (before, after) = (place == 0 ? i : i - distance, place == Side - 1 ? i : i + distance);
            blurred[i] = (byte)((pixels[before] + 2 * pixels[i] + pixels[after] + 2) / 4);
        }
        return blurred;
    }
}
