namespace TransferKit.Imaging.Pictures;

/// <summary>Detects content that the default decoder does not support, so that errors can name it.</summary>
internal static class ForeignFormat
{
    /// <summary>Creates the error for content of an unsupported format.</summary>
    public static ImageDecodeException Error(ReadOnlySpan<byte> header, string? name) => Image(header) is { } image
        ? new(ImageDecodeError.Unsupported, name,
            $"the content is {image}, which is not supported. "
            + $"Convert it to PNG or JPEG, or supply an {nameof(IImageDecoder)} that reads it.")
        : new(ImageDecodeError.NotAnImage, name,
            $"the content is {Other(header) ?? "not a JPEG, PNG, BMP, GIF, WebP, TIFF, PPM, PGM or PBM image"}, whatever its name says.");

    private static string? Image(ReadOnlySpan<byte> header) => header switch
    {
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', .. var brands] => OfBrand(brands),
        [0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' ', ..] or [0xFF, 0x4F, 0xFF, 0x51, ..] => "a JPEG 2000 image",
        [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' ', ..] or [0xFF, 0x0A, ..] => "a JPEG XL image",
        [0, 0, 1, 0, _, 0, ..] => "an icon (ICO)",
        [(byte)'8', (byte)'B', (byte)'P', (byte)'S', ..] => "a Photoshop document (PSD)",
        [(byte)'q', (byte)'o', (byte)'i', (byte)'f', ..] => "a QOI image",
        [0x76, 0x2F, 0x31, 0x01, ..] => "an OpenEXR image",
        _ when header.StartsWith("#?RADIANCE"u8) => "a Radiance HDR image",
        _ when header.StartsWith("SIMPLE  ="u8) => "a FITS image",
        _ when Text(header).StartsWith("<svg"u8) => "an SVG drawing",
        _ => null,
    };

    /// <summary>ISO media files name their kind after "ftyp", because pictures and films share the container.</summary>
    private static string? OfBrand(ReadOnlySpan<byte> brands) => brands.Length < 4 ? null
        : brands.StartsWith("avif"u8) || brands.StartsWith("avis"u8) ? "an AVIF image"
        : brands.StartsWith("hei"u8) || brands.StartsWith("hev"u8) || brands.StartsWith("mif1"u8) || brands.StartsWith("msf1"u8)
            ? (brands.IndexOf("avif"u8) > 0 ? "an AVIF image" : "a HEIC image")
        : null;

    private static string? Other(ReadOnlySpan<byte> header) => header switch
    {
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] or [0x1A, 0x45, 0xDF, 0xA3, ..] => "a video",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'A', (byte)'V', (byte)'I', (byte)' ', ..] => "a video",
        [0, 0, 1, 0xBA or 0xB3, ..] or [(byte)'F', (byte)'L', (byte)'V', 1, ..] => "a video",
        [(byte)'P', (byte)'K', 3, 4, ..] => "a ZIP archive",
        [0x1F, 0x8B, ..] => "a gzip archive",
        _ when header.StartsWith("%PDF-"u8) => "a PDF document",
        _ when header.StartsWith("version https://git-lfs"u8) => "a Git LFS pointer: the picture itself was not fetched (git lfs pull)",
        _ when IsHtml(Text(header)) => "an HTML page, such as the answer of a server that refused the download",
        _ => null,
    };

    private static bool IsHtml(ReadOnlySpan<byte> text)
    {
        Span<byte> lower = stackalloc byte[Math.Min(text.Length, 16)];
        for (var i = 0; i < lower.Length; i++)
        {
            lower[i] = text[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(text[i] | 0x20) : text[i];
        }
        return lower.StartsWith("<!doctype html"u8) || lower.StartsWith("<html"u8)
            || lower.StartsWith("<head"u8) || lower.StartsWith("<body"u8);
    }

    /// <summary>Returns the text after a byte order mark and white space.</summary>
    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> header) =>
        (header.StartsWith<byte>([0xEF, 0xBB, 0xBF]) ? header[3..] : header).TrimStart(" \t\r\n"u8);
}
