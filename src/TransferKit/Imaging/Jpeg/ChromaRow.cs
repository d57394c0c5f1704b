using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Upsamples chroma to the size of the picture, as libjpeg's "fancy" upsampling does. An output sample lies at a quarter between two input
/// samples, and the nearer one counts three times. Rows have a margin that repeats their outermost samples.
/// </summary>
internal static unsafe class ChromaRow
{
    private const int Step = 16;
    private const int WideStep = 2 * Step;

    /// <summary>Repeats a row's first and last sample in its margins.</summary>
    public static void RepeatEdges(byte* row, int width)
    {
        row[-1] = row[0];
        row[width] = row[width - 1];
    }

    /// <summary>Upsamples a row to twice its width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(byte* row, int width, byte* target)
    {
        nint x = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; x < width; x += WideStep)
            {
                var middle = LoadWide(row + x) * 3;
                StoreWide(
                    (middle + LoadWide(row + x - 1) + Vector512.Create((ushort)1)) >> 2,
                    (middle + LoadWide(row + x + 1) + Vector512.Create((ushort)2)) >> 2,
                    target + (2 * x));
            }
        }
        for (; x < width; x += Step)
        {
            var middle = Load(row + x) * 3;
            Store(
                (middle + Load(row + x - 1) + Vector256.Create((ushort)1)) >> 2,
                (middle + Load(row + x + 1) + Vector256.Create((ushort)2)) >> 2,
                target + (2 * x));
        }
    }

    /// <summary>Upsamples two rows to one of twice their width between them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WidenBetween(byte* near, byte* far, int width, byte* target)
    {
        nint x = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; x < width; x += WideStep)
            {
                var middle = BetweenWide(near + x, far + x) * 3;
                StoreWide(
                    (middle + BetweenWide(near + x - 1, far + x - 1) + Vector512.Create((ushort)8)) >> 4,
                    (middle + BetweenWide(near + x + 1, far + x + 1) + Vector512.Create((ushort)7)) >> 4,
                    target + (2 * x));
            }
        }
        for (; x < width; x += Step)
        {
            var middle = Between(near + x, far + x) * 3;
            Store(
                (middle + Between(near + x - 1, far + x - 1) + Vector256.Create((ushort)8)) >> 4,
                (middle + Between(near + x + 1, far + x + 1) + Vector256.Create((ushort)7)) >> 4,
                target + (2 * x));
        }
    }

    /// <summary>Upsamples two rows to one of the same width between them.</summary>
    /// <param name="near">The nearer row.</param>
    /// <param name="far">The other row.</param>
    /// <param name="width">Number of samples in a row.</param>
    /// <param name="rounding">Rounding bias: 1 if the other row is above, 2 if it is below.</param>
    /// <param name="target">Target of the row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Between(byte* near, byte* far, int width, int rounding, byte* target)
    {
        var bias = Vector256.Create((ushort)rounding);
        for (nint x = 0; x < width; x += Step)
        {
            var row = (Between(near + x, far + x) + bias) >> 2;
            Vector128.Narrow(row.GetLower(), row.GetUpper()).Store(target + x);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Between(byte* near, byte* far) => (Load(near) * 3) + Load(far);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> BetweenWide(byte* near, byte* far) => (LoadWide(near) * 3) + LoadWide(far);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> LoadWide(byte* from) => Vector512.WidenLower(Vector256.Load(from).ToVector512Unsafe());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreWide(Vector512<ushort> even, Vector512<ushort> odd, byte* target) =>
        (even | (odd << 8)).AsByte().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Load(byte* from) => Vector256.WidenLower(Vector128.Load(from).ToVector256Unsafe());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<ushort> even, Vector256<ushort> odd, byte* target) => (even | (odd << 8)).AsByte().Store(target);
}
