using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Bitmaps;

/// <summary>Decodes the run-length codes of a BMP. Pixels that no run covers have index 0.</summary>
internal static class BmpRuns
{
    /// <summary>Returns whether the codes fill the whole picture, as Pillow requires.</summary>
    public static bool AreWhole(ReadOnlySpan<byte> bmp, int at, bool isOf4Bits, long pixels, int width, in DecodeWatch watch) =>
        TryRead(bmp, at, isOf4Bits, [], pixels, width, in watch);

    /// <summary>Decodes the palette indices of the picture.</summary>
    /// <param name="bmp">Content of the file.</param>
    /// <param name="at">Offset of the codes.</param>
    /// <param name="isOf4Bits">Whether a byte holds two pixels.</param>
    /// <param name="indices">Target for the indices, with rows in the file's order.</param>
    /// <param name="width">Number of pixels in a row.</param>
    /// <param name="watch">Watch that is checked at each end of a row.</param>
    public static void Read(ReadOnlySpan<byte> bmp, int at, bool isOf4Bits, Span<byte> indices, int width, in DecodeWatch watch)
    {
        indices.Clear();
        TryRead(bmp, at, isOf4Bits, indices, indices.Length, width, in watch);
    }

    private static bool TryRead(
        ReadOnlySpan<byte> bmp, int at, bool isOf4Bits, Span<byte> indices, long length, int width, in DecodeWatch watch)
    {
        long position = 0;
        var column = 0;
        while (position < length)
        {
            if (at + 2 > bmp.Length)
            {
                return false;
            }
            var (count, value) = (bmp[at], bmp[at + 1]);
            at += 2;
            if (count > 0)
            {
                // A run ends with its row, as in Pillow.
                var pixels = Math.Clamp(count, 0, Math.Max(width - column, 0));
                WriteRun(indices, (int)position, pixels, value, isOf4Bits);
                (position, column) = (position + pixels, column + pixels);
                continue;
            }
            switch (value)
            {
                case 0:
                    watch.Check();
                    position = (position + width - 1) / width * width;
                    column = 0;
                    break;
                case 1:
                    return false;
                case 2:
                    if (at + 2 > bmp.Length)
                    {
                        return false;
                    }
                    watch.Check();
                    position += bmp[at] + ((long)bmp[at + 1] * width);
                    column = (int)(position % width);
                    at += 2;
                    break;
                default:
                    var bytes = isOf4Bits ? (value + 1) / 2 : value;
                    if (at + bytes > bmp.Length)
                    {
                        return false;
                    }
                    WritePixels(indices, (int)position, value, bmp.Slice(at, bytes), isOf4Bits);
                    (position, column) = (position + value, column + value);
                    at += bytes;
                    at += at & 1;
                    break;
            }
        }
        return true;
    }

    private static void WriteRun(Span<byte> indices, int position, int count, byte value, bool isOf4Bits)
    {
        var run = indices.IsEmpty ? indices : indices.Slice(position, Math.Min(count, indices.Length - position));
        if (!isOf4Bits)
        {
            run.Fill(value);
            return;
        }
        for (var i = 0; i < run.Length; i++)
        {
            run[i] = (byte)((i & 1) == 0 ? value >> 4 : value & 15);
        }
    }

    private static void WritePixels(Span<byte> indices, int position, int count, ReadOnlySpan<byte> values, bool isOf4Bits)
    {
        var run = indices.IsEmpty ? indices : indices.Slice(position, Math.Min(count, indices.Length - position));
        for (var i = 0; i < run.Length; i++)
        {
            run[i] = !isOf4Bits ? values[i] : (byte)((i & 1) == 0 ? values[i / 2] >> 4 : values[i / 2] & 15);
        }
    }
}
