using System.Numerics;
using TransferKit.Common;
using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Bitmaps;

/// <summary>Decodes a BMP of 1, 4, 8, 16, 24 or 32 bits a pixel, or with run-length codes of 4 or 8 bits.</summary>
internal readonly ref struct BmpPicture : IEncodedPicture
{
    private readonly ReadOnlySpan<byte> _bmp;
    private readonly BmpHeader _header;
    private readonly byte[] _palette;

    private BmpPicture(ReadOnlySpan<byte> bmp, BmpHeader header, byte[] palette)
    {
        _bmp = bmp;
        (_header, _palette) = (header, palette);
    }

    public int Width => _header.Width;

    public int Height => _header.Height;

    public int Orientation => 1;

    private int Stride => (int)(((((long)Width * _header.Bits) + 31) >> 5) * 4);

    /// <exception cref="ImageDecodeException">The header is invalid or unsupported, or the file ends too early.</exception>
    public static BmpPicture Open(ReadOnlySpan<byte> bmp, string? name, ImageDecodeOptions options, scoped in DecodeWatch watch)
    {
        var header = BmpHeader.Read(bmp, name);
        ImageLimits.Check(header.Width, header.Height, name, options);
        var picture = new BmpPicture(bmp, header, header.Palette(bmp, name));
        // Rows are padded to four bytes, but Pillow does not require the padding of the last one.
        var rowBytes = (((long)header.Width * header.Bits) + 7) / 8;
        var isWhole = header.IsRunLength
            ? BmpRuns.AreWhole(bmp, header.Pixels, header.Bits == 4, (long)header.Width * header.Height, header.Width, in watch)
            : header.Pixels + ((header.Height - 1L) * picture.Stride) + rowBytes <= bmp.Length;
        return isWhole ? picture : throw ImageDecodeException.CutOff(name);
    }

    public bool TryRead<TRows>(ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct
    {
        if (!_header.IsRunLength)
        {
            Write(_bmp[_header.Pixels..], Stride, ref rows, in watch);
            return true;
        }
        // The file stores the lowest row first, so all indices must be decoded before the top row is known.
        var rented = BufferPool.Bytes.Rent(Width * Height);
        try
        {
            var indices = rented.AsSpan(0, Width * Height);
            BmpRuns.Read(_bmp, _header.Pixels, _header.Bits == 4, indices, Width, in watch);
            Write(indices, Width, ref rows, in watch);
        }
        finally
        {
            BufferPool.Bytes.Return(rented);
        }
        return true;
    }

    private void Write<TRows>(ReadOnlySpan<byte> source, int stride, ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct
    {
        for (int y = 0, some = RowBands.Rows(Width, Height); y < Height; y += some)
        {
            watch.Check();
            some = Math.Min(some, Height - y);
            var band = rows.Next(some * Width * 3);
            for (var row = 0; row < some; row++)
            {
                var from = _header.IsTopDown ? y + row : Height - 1 - y - row;
                WriteRow(source[(from * stride)..], band.Slice(row * Width * 3, Width * 3));
            }
            rows.Written();
        }
    }

    private void WriteRow(ReadOnlySpan<byte> row, Span<byte> rgb)
    {
        switch (_header.IsRunLength ? 8 : _header.Bits)
        {
            case 8:
                PaletteRow.Write(row[..Width], _palette, rgb);
                break;
            case 16:
                for (int x = 0, to = 0; x < Width; x++, to += 3)
                {
                    var pixel = row[2 * x] | (row[(2 * x) + 1] << 8);
                    (rgb[to], rgb[to + 1], rgb[to + 2]) =
                        (Level(pixel, _header.Red), Level(pixel, _header.Green), Level(pixel, _header.Blue));
                }
                break;
            case 24 or 32:
                var (step, red, green, blue) = (_header.Bits / 8, _header.Red.Shift / 8, _header.Green.Shift / 8, _header.Blue.Shift / 8);
                for (int from = 0, to = 0; to < rgb.Length; from += step, to += 3)
                {
                    (rgb[to], rgb[to + 1], rgb[to + 2]) = (row[from + red], row[from + green], row[from + blue]);
                }
                break;
            default:
                var (bits, mask) = (_header.Bits, (1 << _header.Bits) - 1);
                for (int x = 0, to = 0; x < Width; x++, to += 3)
                {
                    var at = x * bits;
                    var index = (row[at >> 3] >> (8 - bits - (at & 7))) & mask;
                    _palette.AsSpan(index * 3, 3).CopyTo(rgb[to..]);
                }
                break;
        }
    }

    /// <summary>Scales five or six bits to eight, rounded down as in Pillow.</summary>
    private static byte Level(int pixel, BmpChannel channel) =>
        (byte)(((pixel >> channel.Shift) & ((1 << channel.Bits) - 1)) * 255 / ((1 << channel.Bits) - 1));
}

/// <summary>Represents the position of a channel in a pixel.</summary>
/// <param name="Shift">Number of bits below the channel.</param>
/// <param name="Bits">Number of bits of the channel.</param>
internal readonly record struct BmpChannel(int Shift, int Bits)
{
    public static BmpChannel Of(uint mask) =>
        mask == 0 ? default : new(BitOperations.TrailingZeroCount(mask), BitOperations.PopCount(mask));
}
