using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Converts three rows of samples to one of pixels.</summary>
internal static unsafe class RgbRow
{
    private const int Step = 16;

    /// <summary>Converts luminance and two chroma components.</summary>
    public static void WriteYcc(byte* first, byte* second, byte* third, Span<byte> rgb)
    {
        if (Avx512YccRow.IsSupported && rgb.Length >= 3 * Avx512YccRow.Step)
        {
            fixed (byte* to = rgb)
            {
                Avx512YccRow.Write(first, second, third, to, rgb.Length / 3);
            }
        }
        else if (Avx2.IsSupported)
        {
            Write<Avx2Ycc>(first, second, third, rgb);
        }
        else
        {
            Write<PortableYcc>(first, second, third, rgb);
        }
    }

    /// <param name="first">Samples of the first component; some bytes after them may be read.</param>
    /// <param name="second">Samples of the second component.</param>
    /// <param name="third">Samples of the third component.</param>
    /// <param name="rgb">Target of the row, beyond which nothing is written.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write<TColour>(byte* first, byte* second, byte* third, Span<byte> rgb)
        where TColour : IJpegColour
    {
        var width = rgb.Length / 3;
        fixed (byte* to = rgb)
        {
            if (width < Step)
            {
                var pixels = stackalloc byte[Step * 3];
                Write<TColour>(first, second, third, pixels);
                new ReadOnlySpan<byte>(pixels, rgb.Length).CopyTo(rgb);
                return;
            }
            for (nint x = 0; x < width - Step; x += Step)
            {
                Write<TColour>(first + x, second + x, third + x, to + (x * 3));
            }
            // The last step overlaps the one before, so that it stays within the row.
            nint last = width - Step;
            Write<TColour>(first + last, second + last, third + last, to + (last * 3));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TColour>(byte* first, byte* second, byte* third, byte* rgb)
        where TColour : IJpegColour
    {
        var (red, green, blue) = (Vector128.Load(first), Vector128.Load(second), Vector128.Load(third));
        TColour.ToRgb(ref red, ref green, ref blue);
        // The shuffles order the sixteen bytes as the three stores need them, about a third for each store.
        red = Vector128.Shuffle(red, Vector128.Create((byte)0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10, 5));
        green = Vector128.Shuffle(green, Vector128.Create((byte)5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10));
        blue = Vector128.Shuffle(blue, Vector128.Create((byte)10, 5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15));
        var thirds0 = Vector128.Create((byte)255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255);
        var thirds1 = Vector128.Create((byte)0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0);
        var thirds2 = Vector128.Create((byte)0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0);
        Vector128.ConditionalSelect(thirds0, red, Vector128.ConditionalSelect(thirds1, green, blue)).Store(rgb);
        Vector128.ConditionalSelect(thirds2, red, Vector128.ConditionalSelect(thirds0, green, blue)).Store(rgb + 16);
        Vector128.ConditionalSelect(thirds1, red, Vector128.ConditionalSelect(thirds2, green, blue)).Store(rgb + 32);
    }
}
