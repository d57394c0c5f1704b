using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Bitmaps;

/// <summary>Decodes a PBM, PGM or PPM, plain or binary, as Pillow reads it.</summary>
internal readonly ref struct PnmPicture : IEncodedPicture
{
    private readonly ReadOnlySpan<byte> _pixels;
    private readonly char _kind;
    private readonly int _most;
    private readonly string? _name;

    private PnmPicture(ReadOnlySpan<byte> pixels, char kind, int width, int height, int most, string? name)
    {
        _pixels = pixels;
        (_kind, Width, Height, _most, _name) = (kind, width, height, most, name);
    }

    public int Width { get; }

    public int Height { get; }

    public int Orientation => 1;

    private bool IsPlain => _kind <= '3';

    private bool IsBitmap => _kind is '1' or '4';

    private int Channels => _kind is '3' or '6' ? 3 : 1;

    /// <summary>Returns whether the content begins as a PNM and not as a text with a first letter P.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> header) =>
        header is [(byte)'P', >= (byte)'1' and <= (byte)'6', (byte)' ' or (>= 9 and <= 13), ..]
        && header[3..].TrimStart(" \t\n\v\f\r"u8) is [(>= (byte)'0' and <= (byte)'9') or (byte)'#', ..];

    /// <exception cref="ImageDecodeException">The header is invalid, or the file ends too early.</exception>
    public static PnmPicture Open(ReadOnlySpan<byte> pnm, string? name, ImageDecodeOptions options)
    {
        var kind = (char)pnm[1];
        var tokens = new PnmTokens(pnm[2..], name);
        var (width, height) = (tokens.Next(), tokens.Next());
        var most = kind is '1' or '4' ? 1 : tokens.Next();
        ImageLimits.Check(width, height, name, options);
        if (most is < 1 or > 65535)
        {
            throw ImageDecodeException.Corrupt(name, $"the largest value of a channel is said to be {most}");
        }
        if (most > 255 && kind is ('2' or '5'))
        {
            throw new ImageDecodeException(
                ImageDecodeError.Unsupported, name,
                "the image is a grey PGM of 16 bits, which Pillow would clip at 255. Convert it to 8 bits with the range that you choose.");
        }
        var picture = new PnmPicture(tokens.Rest, kind, width, height, most, name);
        // A sample of the plain formats has at least one digit.
        var least = picture.IsPlain ? (long)width * height * picture.Channels : picture.RowBytes * height;
        return least <= tokens.Rest.Length ? picture : throw ImageDecodeException.CutOff(name);
    }

    private long RowBytes => IsBitmap ? (Width + 7L) / 8 : (long)Width * Channels * (_most > 255 ? 2 : 1);

    public bool TryRead<TRows>(ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct
    {
        var tokens = new PnmTokens(_pixels, _name);
        for (int y = 0, some = RowBands.Rows(Width, Height); y < Height; y += some)
        {
            some = Math.Min(some, Height - y);
            var band = rows.Next(some * Width * 3);
            for (var row = 0; row < some; row++)
            {
                watch.Check();
                var rgb = band.Slice(row * Width * 3, Width * 3);
                if (IsPlain)
                {
                    ReadPlain(ref tokens, rgb);
                }
                else
                {
                    ReadBinary(_pixels.Slice((int)((y + row) * RowBytes), (int)RowBytes), rgb);
                }
            }
            rows.Written();
        }
        return true;
    }

    private void ReadPlain(ref PnmTokens tokens, Span<byte> rgb)
    {
        var step = 3 / Channels;
        for (var to = 0; to < rgb.Length; to += step)
        {
            var value = IsBitmap ? 1 - tokens.NextBit() : tokens.Next();
            if (value > _most)
            {
                throw ImageDecodeException.Corrupt(_name, $"a channel has the value {value}, and {_most} is the largest");
            }
            rgb.Slice(to, step).Fill(Level(value));
        }
    }

    private void ReadBinary(ReadOnlySpan<byte> row, Span<byte> rgb)
    {
        var step = 3 / Channels;
        if (IsBitmap)
        {
            for (var x = 0; x < Width; x++)
            {
                rgb.Slice(x * 3, 3).Fill((byte)((row[x >> 3] >> (7 - (x & 7)) & 1) - 1));
            }
        }
        else if (_most == 255 && step == 1)
        {
            row.CopyTo(rgb);
        }
        else
        {
            for (int from = 0, to = 0; to < rgb.Length; from++, to += step)
            {
                rgb.Slice(to, step).Fill(Level(_most > 255 ? (row[2 * from] << 8) | row[(2 * from) + 1] : row[from]));
            }
        }
    }

    /// <summary>Scales a value to 256 levels, rounded as Python does.</summary>
    private byte Level(int value) => _most == 255 ? (byte)value : (byte)Math.Min(Math.Round(value / (double)_most * 255), 255);
}

/// <summary>Reads numbers from text with comments, which run from # to the end of a line.</summary>
internal ref struct PnmTokens(ReadOnlySpan<byte> text, string? name)
{
    private const int MostDigits = 9;

    private ReadOnlySpan<byte> _text = text;

    /// <summary>Gets the content after the white space that follows the last number.</summary>
    public readonly ReadOnlySpan<byte> Rest => _text;

    /// <summary>Reads the next number and the one byte of white space after it.</summary>
    public int Next()
    {
        SkipSpace();
        var (number, digits) = (0, 0);
        for (; !_text.IsEmpty && !IsSpace(_text[0]); _text = _text[1..], digits++)
        {
            if (_text[0] == (byte)'#')
            {
                SkipComment();
                break;
            }
            if (_text[0] is < (byte)'0' or > (byte)'9' || digits == MostDigits)
            {
                throw ImageDecodeException.Corrupt(name, "it has something else where a number must be");
            }
            number = (number * 10) + _text[0] - '0';
        }
        if (digits == 0)
        {
            throw ImageDecodeException.CutOff(name);
        }
        _text = _text.IsEmpty ? _text : _text[1..];
        return number;
    }

    /// <summary>Reads the next digit. Digits of a bitmap need no white space between them.</summary>
    public int NextBit()
    {
        SkipSpace();
        if (_text.IsEmpty)
        {
            throw ImageDecodeException.CutOff(name);
        }
        var bit = _text[0] - '0';
        _text = _text[1..];
        return bit is 0 or 1 ? bit : throw ImageDecodeException.Corrupt(name, "a pixel of a bitmap is neither 0 nor 1");
    }

    private void SkipSpace()
    {
        while (!_text.IsEmpty && (IsSpace(_text[0]) || _text[0] == (byte)'#'))
        {
            if (_text[0] == (byte)'#')
            {
                SkipComment();
            }
            else
            {
                _text = _text[1..];
            }
        }
    }

    private void SkipComment() => _text = _text.IndexOfAny((byte)'\r', (byte)'\n') is >= 0 and var end ? _text[end..] : [];

    private static bool IsSpace(byte letter) => letter is (byte)' ' or (>= 9 and <= 13);
}
