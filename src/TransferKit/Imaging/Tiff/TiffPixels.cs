using BitMiracle.LibTiff.Classic;
using LibTiff = BitMiracle.LibTiff.Classic.Tiff;

namespace TransferKit.Imaging.Tiff;

/// <summary>Converts the samples of a TIFF to RGB: by a table for one sample a pixel, by arithmetic for more.</summary>
internal sealed class TiffPixels
{
    private enum Kind
    {
        Table,
        Rgb,
        PremultipliedRgb,
        Cmyk,
    }

    private readonly Kind _kind;
    private readonly int _bits;
    private readonly int _samples;
    private readonly bool _separate;
    private readonly byte[] _table;

    // These are the upper bytes of a row of 16 bits a sample.
    private byte[] _upper = [];

    private TiffPixels(Kind kind, int bits, int samples, bool separate, byte[] table)
    {
        _kind = kind;
        _bits = bits;
        _samples = samples;
        _separate = separate;
        _table = table;
    }

    /// <summary>Gets the number of planes to read: three if red, green and blue are separate, otherwise one.</summary>
    public int Planes => _separate && _kind != Kind.Table ? 3 : 1;

    /// <summary>Returns the number of bytes of <paramref name="width"/> pixels in one row of one plane.</summary>
    public long RowBytes(int width) => (((long)width * _bits * (_separate ? 1 : _samples)) + 7) / 8;

    public static TiffPixels Of(LibTiff tiff, string? name)
    {
        var bits = TiffDecoder.Field(tiff, TiffTag.BITSPERSAMPLE, 1);
        var samples = TiffDecoder.Field(tiff, TiffTag.SAMPLESPERPIXEL, 1);
        var separate = TiffDecoder.Field(tiff, TiffTag.PLANARCONFIG, 1) == (int)PlanarConfig.SEPARATE && samples > 1;
        var photometric = tiff.GetField(TiffTag.PHOTOMETRIC) is [var value, ..]
            ? (Photometric)value.ToInt()
            // Pillow reads a missing tag as 0.
            : Photometric.MINISWHITE;
        if (TiffDecoder.Field(tiff, TiffTag.SAMPLEFORMAT, 1) is var format
            && format is not ((int)SampleFormat.UINT or (int)SampleFormat.VOID))
        {
            throw Unsupported(name, "samples that are not unsigned integers");
        }
        if (bits is 12 or 16 && samples < 3)
        {
            throw Unsupported(name, $"grey of {bits} bits, which Pillow would clip at 255");
        }
        if (bits is not (1 or 2 or 4 or 8 or 16) || (bits < 8 && samples > 1))
        {
            throw Unsupported(name, $"{bits} bits a sample");
        }
        if (samples > 6)
        {
            throw Unsupported(name, $"{samples} samples a pixel");
        }
        if (photometric == Photometric.YCBCR && TiffDecoder.Field(tiff, TiffTag.COMPRESSION, 1) == (int)Compression.JPEG)
        {
            tiff.SetField(TiffTag.JPEGCOLORMODE, JpegColorMode.RGB);
            photometric = Photometric.RGB;
        }
        return photometric switch
        {
            Photometric.MINISBLACK or Photometric.MINISWHITE when samples <= 2 =>
                new(Kind.Table, bits, samples, separate, Ramp(bits, photometric == Photometric.MINISWHITE)),
            Photometric.PALETTE when samples <= 2 && tiff.GetField(TiffTag.COLORMAP) is [var r, var g, var b, ..] =>
                new(Kind.Table, bits, samples, separate, Palette(r.ToShortArray(), g.ToShortArray(), b.ToShortArray())),
            Photometric.RGB when samples >= 3 && !IsPremultiplied(tiff) => new(Kind.Rgb, bits, samples, separate, []),
            Photometric.RGB when samples >= 4 && !separate => new(Kind.PremultipliedRgb, bits, samples, separate, []),
            Photometric.SEPARATED when samples >= 4 && !separate => new(Kind.Cmyk, bits, samples, separate, []),
            Photometric.YCBCR => throw Unsupported(name, "YCbCr that is not a JPEG"),
            _ => throw Unsupported(name, $"{samples} samples a pixel meaning {photometric}"),
        };
    }

    /// <summary>Converts a row of one plane. A picture of separate planes is complete after the last one.</summary>
    public void Convert(ReadOnlySpan<byte> row, Span<byte> rgb, int plane)
    {
        if (_bits == 16)
        {
            row = UpperBytes(row);
        }
        switch (_kind)
        {
            case Kind.Table:
                FromTable(row, rgb);
                break;
            case Kind.Rgb when _separate:
                for (int from = 0, to = plane; to < rgb.Length; from++, to += 3)
                {
                    rgb[to] = row[from];
                }
                break;
            case Kind.Rgb:
                for (int from = 0, to = 0; to < rgb.Length; from += _samples, to += 3)
                {
                    row.Slice(from, 3).CopyTo(rgb[to..]);
                }
                break;
            default:
                for (int from = 0, to = 0; to < rgb.Length; from += _samples, to += 3)
                {
                    var fourth = row[from + 3];
                    for (var channel = 0; channel < 3; channel++)
                    {
                        rgb[to + channel] = _kind == Kind.Cmyk
                            ? FromInk(row[from + channel], fourth)
                            : Unpremultiplied(row[from + channel], fourth);
                    }
                }
                break;
        }
    }

    /// <summary>Returns the upper byte of each sample, which Pillow keeps. LibTiff gives samples in the machine's byte order.</summary>
    private ReadOnlySpan<byte> UpperBytes(ReadOnlySpan<byte> row)
    {
        if (_upper.Length < row.Length / 2)
        {
            _upper = new byte[row.Length / 2];
        }
        for (var i = 0; i < row.Length / 2; i++)
        {
            _upper[i] = row[(2 * i) + (BitConverter.IsLittleEndian ? 1 : 0)];
        }
        return _upper.AsSpan(0, row.Length / 2);
    }

    private void FromTable(ReadOnlySpan<byte> row, Span<byte> rgb)
    {
        var mask = (1 << _bits) - 1;
        var step = _separate ? _bits : _bits * _samples;
        for (int at = 0, to = 0; to < rgb.Length; at += step, to += 3)
        {
            var index = (row[at >> 3] >> (8 - _bits - (at & 7))) & mask;
            _table.AsSpan(index * 3, 3).CopyTo(rgb[to..]);
        }
    }

    private static byte[] Ramp(int bits, bool inverted)
    {
        var last = (1 << bits) - 1;
        var table = new byte[(last + 1) * 3];
        for (var i = 0; i <= last; i++)
        {
            var level = (byte)(255 * i / last);
            table.AsSpan(i * 3, 3).Fill(inverted ? (byte)~level : level);
        }
        return table;
    }

    /// <summary>Creates a table from a palette of 16 bits a channel, of which Pillow keeps the upper 8.</summary>
    private static byte[] Palette(short[] red, short[] green, short[] blue)
    {
        var table = new byte[256 * 3];
        for (var i = 0; i < Math.Min(red.Length, 256); i++)
        {
            table[i * 3] = (byte)(red[i] >> 8);
            table[(i * 3) + 1] = (byte)(green[i] >> 8);
            table[(i * 3) + 2] = (byte)(blue[i] >> 8);
        }
        return table;
    }

    private static bool IsPremultiplied(LibTiff tiff) =>
        tiff.GetField(TiffTag.EXTRASAMPLES) is [_, var kinds, ..]
        && kinds.ToByteArray() is [(byte)ExtraSample.ASSOCALPHA, ..];

    private static byte Unpremultiplied(int colour, int alpha) =>
        alpha == 0 ? (byte)0 : (byte)Math.Min(colour * 255 / alpha, 255);

    /// <summary>
    /// Converts one ink of CMYK as Pillow does: the light that black leaves, minus the ink's share, with a rounded division by 255.
    /// </summary>
    private static byte FromInk(int ink, int black)
    {
        var white = 255 - black;
        var product = (ink * white) + 128;
        return (byte)(white - (((product >> 8) + product) >> 8));
    }

    private static ImageDecodeException Unsupported(string? name, string what) => new(
        ImageDecodeError.Unsupported, name, $"the image is a TIFF with {what}. Convert it to 8 bits, grey or RGB.");
}
