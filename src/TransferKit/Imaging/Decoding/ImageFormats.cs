using TransferKit.Imaging.Bitmaps;
using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Decoding;

/// <summary>Detects a format by its first bytes.</summary>
internal static class ImageFormats
{
    public static ImageFormat Recognise(ReadOnlySpan<byte> header) => header switch
    {
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ImageFormat.Png,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => ImageFormat.Gif,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => ImageFormat.WebP,
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => ImageFormat.Tiff,
        // Many texts begin with "BM", so the upper bytes of the offset and of the header size must be those of a bitmap.
        [(byte)'B', (byte)'M', _, _, _, _, _, _, _, _, _, _, _, 0, >= 12 and <= 124, 0, ..] => ImageFormat.Bmp,
        _ when PnmPicture.IsHeader(header) => ImageFormat.Pnm,
        _ => ImageFormat.Unknown,
    };
}
