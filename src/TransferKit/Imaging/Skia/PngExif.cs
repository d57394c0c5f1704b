using System.Buffers;
using System.IO.Compression;
using System.Text;
using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Skia;

/// <summary>
/// Reads the orientation of a PNG as Pillow does, because Skia ignores it. It may be in EXIF data, in a chunk or a text of hexadecimal
/// digits, and otherwise in XMP.
/// </summary>
internal static class PngExif
{
    /// <summary>The largest text that is read, once inflated, as in Pillow.</summary>
    private const int MostTextBytes = 1 << 20;

    /// <summary>Returns the orientation, or 1 (upright) if there is none.</summary>
    public static int Orientation(ReadOnlySpan<byte> png)
    {
        int? chunkOrientation = null, textOrientation = null, xmpOrientation = null;
        var (hasChunk, hasText, hasXmp) = (false, false, false);
        foreach (var chunk in new PngChunks(png))
        {
            if (chunk.Type.SequenceEqual("eXIf"u8))
            {
                (hasChunk, chunkOrientation) = (true, ExifDirectory.Orientation(chunk.Data));
            }
            else if (!hasText && chunk.Data.StartsWith("Raw profile type exif\0"u8))
            {
                // Only the first text is read, because each may inflate to a megabyte.
                (hasText, textOrientation) = (true, InRawProfile(Text(chunk, "Raw profile type exif"u8.Length)));
            }
            else if (!hasXmp && chunk.Data.StartsWith("XML:com.adobe.xmp\0"u8))
            {
                (hasXmp, xmpOrientation) = (true, InXmp(Text(chunk, "XML:com.adobe.xmp"u8.Length)));
            }
        }
        return (hasChunk ? chunkOrientation : textOrientation) ?? xmpOrientation ?? 1;
    }

    /// <summary>
    /// Reads the orientation from ImageMagick's profile: a line break, the kind, the length, and hexadecimal digits in lines.
    /// </summary>
    private static int? InRawProfile(ReadOnlySpan<byte> text)
    {
        for (var line = 0; line < 3; line++)
        {
            text = text.IndexOf((byte)'\n') is >= 0 and var end ? text[(end + 1)..] : [];
        }
        var digits = new byte[text.Length];
        var count = 0;
        foreach (var letter in text)
        {
            if (letter is not ((byte)'\n' or (byte)'\r' or (byte)' '))
            {
                digits[count++] = letter;
            }
        }
        var exif = new byte[count / 2];
        return Convert.FromHexString(Encoding.Latin1.GetString(digits, 0, count), exif, out _, out var written) == OperationStatus.Done
            ? ExifDirectory.Orientation(exif.AsSpan(0, written))
            : null;
    }

    /// <summary>Reads the orientation from an attribute or element of XMP. As in Pillow, only one digit is read.</summary>
    private static int? InXmp(ReadOnlySpan<byte> xmp)
    {
        while (xmp.IndexOf("tiff:Orientation"u8) is >= 0 and var at)
        {
            xmp = xmp[(at + "tiff:Orientation"u8.Length)..];
            var digit = xmp.StartsWith("=\""u8) ? xmp[2..] : xmp.StartsWith(">"u8) ? xmp[1..] : [];
            if (digit is [>= (byte)'0' and <= (byte)'9', ..])
            {
                return digit[0] - '0';
            }
        }
        return null;
    }

    /// <summary>Returns the text of a chunk after its keyword, inflated if necessary.</summary>
    private static ReadOnlySpan<byte> Text(PngChunk chunk, int keywordBytes)
    {
        var text = chunk.Data[(keywordBytes + 1)..];
        if (chunk.Type.SequenceEqual("tEXt"u8))
        {
            return text;
        }
        if (chunk.Type.SequenceEqual("zTXt"u8))
        {
            return text.Length > 1 ? Inflated(text[1..]) : [];
        }
        if (!chunk.Type.SequenceEqual("iTXt"u8) || text.Length < 2)
        {
            return [];
        }
        var isDeflated = text[0] != 0;
        text = text[2..];
        // A language and a translated keyword precede the text.
        for (var part = 0; part < 2; part++)
        {
            text = text.IndexOf((byte)0) is >= 0 and var end ? text[(end + 1)..] : [];
        }
        return isDeflated ? Inflated(text) : text;
    }

    private static byte[] Inflated(ReadOnlySpan<byte> deflated)
    {
        using var inflater = new ZLibStream(new MemoryStream(deflated.ToArray()), CompressionMode.Decompress);
        var text = new byte[MostTextBytes];
        try
        {
            return text[..inflater.ReadAtLeast(text, text.Length, throwOnEndOfStream: false)];
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }
}
