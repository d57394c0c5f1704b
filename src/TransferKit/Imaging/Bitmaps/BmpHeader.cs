using System.Buffers.Binary;

namespace TransferKit.Imaging.Bitmaps;

/// <summary>Represents the header of a BMP, in the variants that Pillow reads.</summary>
internal readonly record struct BmpHeader
{
    private const int FileHeaderBytes = 14;
    private const int MasksAt = FileHeaderBytes + 40;
    private const uint NoCompression = 0, RunsOf8 = 1, RunsOf4 = 2, BitFields = 3;

    public int Width { get; private init; }

    public int Height { get; private init; }

    public bool IsTopDown { get; private init; }

    public int Bits { get; private init; }

    public bool IsRunLength { get; private init; }

    /// <summary>Gets the offset of the pixels.</summary>
    public int Pixels { get; private init; }

    public BmpChannel Red { get; private init; }

    public BmpChannel Green { get; private init; }

    public BmpChannel Blue { get; private init; }

    private int PaletteAt { get; init; }

    private int Colours { get; init; }

    private int ColourBytes { get; init; }

    public static BmpHeader Read(ReadOnlySpan<byte> bmp, string? name)
    {
        if (bmp.Length < FileHeaderBytes + 12 || Read32(bmp, FileHeaderBytes) is var length && FileHeaderBytes + length > bmp.Length)
        {
            throw ImageDecodeException.CutOff(name);
        }
        return length switch
        {
            12 => ReadOs2(bmp, name),
            40 or 52 or 56 or 64 or 108 or 124 => ReadWindows(bmp, (int)length, name),
            _ => throw Unsupported(name, $"a header of {length} bytes"),
        };
    }

    /// <summary>Returns a palette of 256 colours. Colours that the file does not define are grey, as in Pillow.</summary>
    public byte[] Palette(ReadOnlySpan<byte> bmp, string? name)
    {
        if (Bits > 8)
        {
            return [];
        }
        var palette = new byte[256 * 3];
        for (var i = 0; i < 256; i++)
        {
            palette.AsSpan(i * 3, 3).Fill((byte)i);
        }
        var colours = Math.Min(Colours, 256);
        if (PaletteAt + (colours * ColourBytes) > bmp.Length)
        {
            throw ImageDecodeException.CutOff(name);
        }
        for (var i = 0; i < colours; i++)
        {
            var colour = bmp.Slice(PaletteAt + (i * ColourBytes), 3);
            (palette[i * 3], palette[(i * 3) + 1], palette[(i * 3) + 2]) = (colour[2], colour[1], colour[0]);
        }
        return palette;
    }

    private static BmpHeader ReadOs2(ReadOnlySpan<byte> bmp, string? name)
    {
        var bits = Read16(bmp, 24);
        return Checked(new()
        {
            Width = Read16(bmp, 18),
            Height = Read16(bmp, 20),
            Bits = bits,
            Pixels = PixelsAt(bmp, 26, bits <= 8 ? 1 << bits : 0, 3),
            PaletteAt = 26,
            Colours = 1 << Math.Min((int)bits, 8),
            ColourBytes = 3,
        }, NoCompression, [], name);
    }

    private static BmpHeader ReadWindows(ReadOnlySpan<byte> bmp, int length, string? name)
    {
        var (width, height, bits, compression) = (Read32(bmp, 18), (int)Read32(bmp, 22), Read16(bmp, 28), Read32(bmp, 30));
        var colours = Read32(bmp, 46) is > 0 and var some ? some : 1u << Math.Min((int)bits, 8);
        if (bits <= 8 && colours > 65536)
        {
            throw Unsupported(name, $"{colours} colours");
        }
        // The channel masks follow a header of 40 bytes and are part of longer ones.
        var end = FileHeaderBytes + length + (compression == BitFields && length == 40 ? 12 : 0);
        if (end > bmp.Length)
        {
            throw ImageDecodeException.CutOff(name);
        }
        return Checked(new()
        {
            Width = (int)Math.Min(width, int.MaxValue),
            Height = Math.Abs(Math.Max(height, -int.MaxValue)),
            IsTopDown = height < 0,
            Bits = bits,
            IsRunLength = compression is RunsOf8 or RunsOf4,
            Pixels = PixelsAt(bmp, end, bits <= 8 ? (int)colours : 0, 4),
            PaletteAt = end,
            Colours = (int)colours,
            ColourBytes = 4,
        }, compression, compression == BitFields ? bmp : [], name);
    }

    /// <summary>
    /// Returns the offset of the pixels as the file gives it. If it gives the offset of its palette, Pillow uses the end of the palette.
    /// </summary>
    private static int PixelsAt(ReadOnlySpan<byte> bmp, int headerEnd, int colours, int colourBytes)
    {
        var at = Read32(bmp, 10);
        at = at == 0 ? (uint)(headerEnd + (colours * colourBytes))
            : at == FileHeaderBytes + Read32(bmp, FileHeaderBytes) ? at + (uint)(4 * colours)
            : at;
        return (int)Math.Min(at, (uint)bmp.Length);
    }

    private static BmpHeader Checked(BmpHeader header, uint compression, ReadOnlySpan<byte> masks, string? name)
    {
        var isKnown = compression switch
        {
            NoCompression => header.Bits is 1 or 4 or 8 or 16 or 24 or 32,
            RunsOf8 => header.Bits == 8,
            RunsOf4 => header.Bits == 4,
            BitFields => header.Bits is 16 or 24 or 32,
            _ => throw Unsupported(name, $"compression {compression}"),
        };
        if (!isKnown)
        {
            throw Unsupported(name, $"{header.Bits} bits a pixel and compression {compression}");
        }
        if (header.Bits <= 8)
        {
            return header;
        }
        var (red, green, blue) = masks.IsEmpty
            ? header.Bits == 16 ? (0x7C00u, 0x3E0u, 0x1Fu) : (0xFF0000u, 0xFF00u, 0xFFu)
            : (Read32(masks, MasksAt), Read32(masks, MasksAt + 4), Read32(masks, MasksAt + 8));
        return (header.Bits, red, green, blue) switch
        {
            // Pillow reads 32 bits without masks as blue, green, red and alpha.
            (32, 0, 0, 0) => header with { Red = new(16, 8), Green = new(8, 8), Blue = new(0, 8) },
            (16, 0x7C00 or 0xF800, 0x3E0 or 0x7E0, 0x1F) or (24 or 32, 0xFF0000, 0xFF00, 0xFF) or (32, 0xFF, 0xFF00, 0xFF0000)
                or (32, 0xFF000000, 0xFF0000, 0xFF00) =>
                header with { Red = BmpChannel.Of(red), Green = BmpChannel.Of(green), Blue = BmpChannel.Of(blue) },
            _ => throw Unsupported(name, $"the channel masks {red:X}, {green:X} and {blue:X}"),
        };
    }

    private static ushort Read16(ReadOnlySpan<byte> bmp, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bmp[at..]);

    private static uint Read32(ReadOnlySpan<byte> bmp, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bmp[at..]);

    private static ImageDecodeException Unsupported(string? name, string what) =>
        new(ImageDecodeError.Unsupported, name, $"a BMP with {what}. Save it with 24 bits a pixel and no compression.");
}
