using System.Buffers.Binary;
using TransferKit.Common;
using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Gif;

/// <summary>
/// Decodes the first frame of a GIF as Pillow's <c>convert("RGB")</c> does: a transparent pixel has the colour of its palette entry.
/// </summary>
internal readonly ref struct GifFrame : IEncodedPicture
{
    private readonly ReadOnlySpan<byte> _blocks;
    private readonly byte[] _palette;
    private readonly int _rootBits;
    private readonly bool _isInterlaced;
    private readonly string? _name;

    private GifFrame(ReadOnlySpan<byte> descriptor, ReadOnlySpan<byte> blocks, byte[] palette, int rootBits, string? name)
    {
        _blocks = blocks;
        (_palette, _rootBits, _name) = (palette, rootBits, name);
        (Width, Height) = (Read16(descriptor[5..]), Read16(descriptor[7..]));
        _isInterlaced = (descriptor[9] & 0x40) != 0;
    }

    public int Width { get; }

    public int Height { get; }

    public int Orientation => 1;

    /// <summary>Finds the first frame of a GIF.</summary>
    /// <param name="gif">Content of a file with a GIF signature.</param>
    /// <param name="name">Name of the picture for errors.</param>
    /// <param name="options">Limits of the decoding.</param>
    /// <param name="canvas">Canvas of the frame. It grows with a frame that exceeds it, as in Pillow.</param>
    /// <exception cref="ImageDecodeException">The GIF has no frame, or its canvas is too large.</exception>
    public static GifFrame Open(ReadOnlySpan<byte> gif, string? name, ImageDecodeOptions options, out Canvas canvas)
    {
        const byte extension = 0x21, graphicControl = 0xF9, image = 0x2C, trailer = 0x3B;
        var at = 13;
        if (gif.Length < at)
        {
            throw ImageDecodeException.CutOff(name);
        }
        var palette = Palette(gif, ref at, gif[10]);
        var transparent = 0;
        while (at + 10 < gif.Length && gif[at] != trailer)
        {
            if (gif[at] == extension)
            {
                if (gif[at + 1] == graphicControl && (gif[at + 3] & 1) != 0)
                {
                    transparent = gif[at + 6];
                }
                at += 2;
                while (at < gif.Length && gif[at] != 0)
                {
                    at += gif[at] + 1;
                }
            }
            else if (gif[at] == image)
            {
                var descriptor = gif.Slice(at, 10);
                at += 10;
                palette = Palette(gif, ref at, descriptor[9]) ?? palette ?? GreyRamp();
                canvas = Sheet(gif, descriptor, name, options, palette.AsSpan(transparent * 3, 3));
                var rootBits = at < gif.Length ? gif[at++] : throw ImageDecodeException.CutOff(name);
                return rootBits is >= 1 and <= 8
                    ? new(descriptor, gif[at..], palette, rootBits, name)
                    : throw ImageDecodeException.Corrupt(name, $"the GIF's pixels have {rootBits} bits");
            }
            at++;
        }
        throw ImageDecodeException.CutOff(name);
    }

    public bool TryRead<TRows>(ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct
    {
        var reader = new LzwReader(_blocks, _rootBits);
        var band = _isInterlaced ? Height : RowBands.Rows(Width, Height);
        var rented = BufferPool.Bytes.Rent(band * Width);
        try
        {
            for (var y = 0; y < Height; y += band)
            {
                band = Math.Min(band, Height - y);
                var indices = rented.AsSpan(0, band * Width);
                for (var row = 0; row < band; row++)
                {
                    watch.Check();
                    Read(ref reader, indices.Slice((_isInterlaced ? Interlaced(row) : row) * Width, Width));
                }
                Write(indices, ref rows);
            }
        }
        finally
        {
            BufferPool.Bytes.Return(rented);
        }
        return true;
    }

    private void Read(ref LzwReader reader, Span<byte> row)
    {
        switch (reader.Read(row))
        {
            case LzwOutcome.Ended:
                throw ImageDecodeException.CutOff(_name);
            case LzwOutcome.Wrong:
                throw ImageDecodeException.Corrupt(_name, "a code of the GIF's data has no meaning");
        }
    }

    private void Write<TRows>(ReadOnlySpan<byte> indices, ref TRows rows)
        where TRows : IPixelRows, allows ref struct
    {
        for (int y = 0, some = RowBands.Rows(Width, Height), count = indices.Length / Width; y < count; y += some)
        {
            some = Math.Min(some, count - y);
            PaletteRow.Write(indices.Slice(y * Width, some * Width), _palette, rows.Next(some * Width * 3));
            rows.Written();
        }
    }

    /// <summary>
    /// Returns the position of the n-th row of the data. Interlaced data has every eighth row first and the rows between in three more
    /// passes.
    /// </summary>
    private int Interlaced(int row)
    {
        foreach (var (start, step) in (ReadOnlySpan<(int, int)>)[(0, 8), (4, 8), (2, 4), (1, 2)])
        {
            var count = (Height - start + step - 1) / step;
            if (row < count)
            {
                return start + (row * step);
            }
            row -= Math.Max(count, 0);
        }
        throw new ArgumentOutOfRangeException(nameof(row));
    }

    private static Canvas Sheet(
        ReadOnlySpan<byte> gif, ReadOnlySpan<byte> descriptor, string? name, ImageDecodeOptions options, ReadOnlySpan<byte> uncovered)
    {
        var (left, top) = (Read16(descriptor[1..]), Read16(descriptor[3..]));
        var (width, height) = (Read16(descriptor[5..]), Read16(descriptor[7..]));
        ImageLimits.Check(width, height, name, options);
        var canvas = new Canvas(
            Math.Max(Read16(gif[6..]), left + width), Math.Max(Read16(gif[8..]), top + height), left, top,
            (uncovered[0] << 16) | (uncovered[1] << 8) | uncovered[2]);
        ImageLimits.Check(canvas.Width, canvas.Height, name, options);
        return canvas;
    }

    /// <summary>
    /// Reads a palette of 256 colours, of which undefined ones are grey as in Pillow. Returns null if the file has no palette.
    /// </summary>
    private static byte[]? Palette(ReadOnlySpan<byte> gif, ref int at, byte flags)
    {
        var bytes = (flags & 0x80) != 0 ? 3 << ((flags & 7) + 1) : 0;
        if (bytes == 0 || at + bytes > gif.Length)
        {
            return null;
        }
        var palette = GreyRamp();
        gif.Slice(at, bytes).CopyTo(palette);
        at += bytes;
        return palette;
    }

    private static byte[] GreyRamp()
    {
        var ramp = new byte[256 * 3];
        for (var i = 0; i < ramp.Length; i++)
        {
            ramp[i] = (byte)(i / 3);
        }
        return ramp;
    }

    private static int Read16(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadUInt16LittleEndian(from);
}
