using System.Buffers.Binary;

namespace TransferKit.Imaging;

/// <summary>
/// What Pillow makes of transparency in a GIF's first frame: <c>convert("RGB")</c> gives a transparent pixel the colour
/// of its palette entry, where Skia clears it. So the transparency flag is switched off before Skia sees the file.
/// </summary>
internal static class GifFirstFrame
{
    /// <summary>Where the parts that matter lie; a file that breaks off is left for the codec to refuse.</summary>
    /// <param name="gif">A whole file with a GIF signature.</param>
    /// <param name="transparencyFlags">Positions of the bytes whose lowest bit says that a colour is transparent.</param>
    /// <returns>The colour of what the frame leaves uncovered: the transparent one, or the palette's first; RGBA in memory order.</returns>
    public static uint Read(ReadOnlySpan<byte> gif, List<int> transparencyFlags)
    {
        if (gif.Length < 13)
        {
            return 0;
        }
        ReadOnlySpan<byte> palette = default;
        var at = 13;
        if (PaletteBytes(gif[10]) is > 0 and var global && at + global <= gif.Length)
        {
            palette = gif.Slice(at, global);
            at += global;
        }
        var index = 0;
        while (at + 10 <= gif.Length)
        {
            const byte extension = 0x21, graphicControl = 0xF9, image = 0x2C, trailer = 0x3B;
            switch (gif[at])
            {
                case extension:
                    if (gif[at + 1] == graphicControl && (gif[at + 3] & 1) != 0)
                    {
                        transparencyFlags.Add(at + 3);
                        index = gif[at + 6];
                    }
                    at += 2;
                    while (at < gif.Length && gif[at] != 0)
                    {
                        at += gif[at] + 1;
                    }
                    at++;
                    break;
                case image:
                    if (PaletteBytes(gif[at + 9]) is > 0 and var local && at + 10 + local <= gif.Length)
                    {
                        palette = gif.Slice(at + 10, local);
                    }
                    return (index * 3) + 3 <= palette.Length ? Colour(palette.Slice(index * 3, 3)) : 0;
                case trailer:
                    return 0;
                default:
                    at++;
                    break;
            }
        }
        return 0;
    }

    private static int PaletteBytes(byte flags) => (flags & 0x80) != 0 ? 3 << ((flags & 7) + 1) : 0;

    private static uint Colour(ReadOnlySpan<byte> rgb) =>
        BinaryPrimitives.ReadUInt32LittleEndian([rgb[0], rgb[1], rgb[2], 255]);
}
