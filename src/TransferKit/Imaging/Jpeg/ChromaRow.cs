using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Colour differences brought to the size of the picture as libjpeg's "fancy" upsampling does: a sample's place lies at a quarter between
/// two of those that there are, and the nearer one counts three times. Rows have a margin in which the outermost samples are repeated.
/// </summary>
internal static unsafe class ChromaRow
{
    private const int Step = 16;

    /// <summary>Repeats a row's first and last sample outside of it.</summary>
    public static void RepeatEdges(byte* row, int width)
    {
        row[-1] = row[0];
        row[width] = row[width - 1];
    }

    /// <summary>A row of twice the width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(byte* row, int width, byte* target)
    {
        for (nint x = 0; x < width; x += Step)
        {
            var middle = Load(row + x) * 3;
            Store(
                (middle + Load(row + x - 1) + Vector256.Create((ushort)1)) >> 2,
                (middle + Load(row + x + 1) + Vector256.Create((ushort)2)) >> 2,
                target + (2 * x));
        }
    }

    /// <summary>A row of twice the width that lies between two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WidenBetween(byte* near, byte* far, int width, byte* target)
    {
        for (nint x = 0; x < width; x += Step)
        {
            var middle = Between(near + x, far + x) * 3;
            Store(
                (middle + Between(near + x - 1, far + x - 1) + Vector256.Create((ushort)8)) >> 4,
                (middle + Between(near + x + 1, far + x + 1) + Vector256.Create((ushort)7)) >> 4,
                target + (2 * x));
        }
    }

    /// <summary>A row of the same width that lies between two.</summary>
    /// <param name="near">The nearer one.</param>
    /// <param name="far">The other one.</param>
    /// <param name="width">Samples in a row.</param>
    /// <param name="rounding">1 when the other one is above, 2 when it is below.</param>
    /// <param name="target">Where the row goes.</param>
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
    private static Vector256<ushort> Load(byte* from) => Vector256.WidenLower(Vector128.Load(from).ToVector256Unsafe());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<ushort> even, Vector256<ushort> odd, byte* target) => (even | (odd << 8)).AsByte().Store(target);
}
