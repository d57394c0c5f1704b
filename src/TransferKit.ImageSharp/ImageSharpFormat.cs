using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Metadata;

namespace TransferKit.ImageSharp;

/// <summary>Represents a format that ImageSharp decodes safely.</summary>
/// <param name="Name">The name for messages.</param>
/// <param name="Decoder">ImageSharp's decoder. All frames but the first are left out.</param>
internal sealed record ImageSharpFormat(string Name, SixLabors.ImageSharp.Formats.IImageDecoder Decoder)
{
    private static readonly ImageSharpFormat Jpeg = new("JPEG", new JpegDecoder());
    private static readonly ImageSharpFormat Png = new("PNG", new PngDecoder());
    private static readonly ImageSharpFormat Gif = new("GIF", new GifDecoder { DecodingMode = FrameDecodingMode.First });
    private static readonly ImageSharpFormat Bmp = new("BMP", new BmpDecoder());
    private static readonly ImageSharpFormat WebP = new("WebP", new WebpDecoder());

    public bool IsJpeg => this == Jpeg;

    /// <summary>Detects the format by its first bytes; null for any other.</summary>
    public static ImageSharpFormat? Of(ReadOnlySpan<byte> content) =>
        content.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8, 0xff]) ? Jpeg
        : content.Length > 8 && content[0] == 0x89 && content[1..].StartsWith("PNG\r\n\u001a\n"u8) ? Png
        : content.StartsWith("GIF87a"u8) || content.StartsWith("GIF89a"u8) ? Gif
        : content.StartsWith("BM"u8) ? Bmp
        : content.Length >= 12 && content.StartsWith("RIFF"u8) && content[8..].StartsWith("WEBP"u8) ? WebP
        : null;
}
