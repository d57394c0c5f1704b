using TransferKit.Imaging.Bitmaps;
using TransferKit.Imaging.Gif;
using TransferKit.Imaging.Jpeg;
using TransferKit.Imaging.Pictures;
using TransferKit.Imaging.Skia;

namespace TransferKit.Imaging.Decoding;

/// <summary>Decodes pictures of all formats except TIFF, whole or resized. Skia decodes PNG, WebP and rare kinds of JPEG.</summary>
internal static class DecodedPixels
{
    public static RgbImage Decode(
        ImageFormat format, ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, in DecodeWatch watch)
    {
        var whole = new WholeResult();
        Read(format, encoded, name, options, wanted: null, ref whole, in watch);
        return whole.Image!;
    }

    /// <param name="format">Format of the content; not TIFF.</param>
    /// <param name="encoded">Content of the file.</param>
    /// <param name="name">Name of the picture for errors.</param>
    /// <param name="options">Limits and orientation.</param>
    /// <param name="resize">Size of the result, and the way to it.</param>
    /// <param name="target">Memory for the result, <c>(height, width, 3)</c> bytes or floats.</param>
    /// <param name="watch">Watch that is checked every few rows.</param>
    public static void Decode(
        ImageFormat format, ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, ImageResize resize, Span<byte> target,
        in DecodeWatch watch)
    {
        var resized = new ResizedResult(resize, target);
        Read(format, encoded, name, options, resize.Needed, ref resized, in watch);
    }

    private static unsafe void Read<TResult>(
        ImageFormat format, ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, ImageSize? wanted, ref TResult result,
        in DecodeWatch watch)
        where TResult : struct, IPictureResult, allows ref struct
    {
        switch (format)
        {
            case ImageFormat.Jpeg:
                bool isDamaged;
                fixed (byte* bytes = encoded)
                {
                    using var jpeg = JpegPicture.Open(bytes, encoded.Length, options, wanted);
                    if (jpeg is not null && result.TryTake(jpeg, in watch))
                    {
                        return;
                    }
                    isDamaged = jpeg is not null;
                }
                JpegMarkers.Check(encoded, name, options, isDamaged);
                fixed (byte* bytes = encoded)
                {
                    using var jpeg = isDamaged ? JpegPicture.Open(bytes, encoded.Length, options, wanted, isDamaged) : null;
                    if (jpeg is not null && result.TryTake(jpeg, in watch))
                    {
                        return;
                    }
                }
                ReadBySkia(format, encoded, name, options, wanted, orientation: null, ref result, in watch);
                break;
            case ImageFormat.Gif:
                result.TakeOn(GifFrame.Open(encoded, name, options, out var canvas), canvas, in watch);
                break;
            case ImageFormat.Bmp:
                result.TryTake(BmpPicture.Open(encoded, name, options, in watch), in watch);
                break;
            case ImageFormat.Pnm:
                result.TryTake(PnmPicture.Open(encoded, name, options), in watch);
                break;
            case ImageFormat.WebP:
                var still = WebPFrame.Find(encoded, name, options, out var sheet);
                fixed (byte* bytes = still)
                {
                    using var picture = new SkiaPicture(
                        format, bytes, still.Length, name, options, wanted,
                        options.ApplyExifOrientation ? WebPFrame.Orientation(encoded) : 1);
                    result.TakeOn(new SkiaFrame(picture), sheet, in watch);
                }
                break;
            default:
                PngChunks.Check(encoded, name, options);
                var orientation = options.ApplyExifOrientation ? PngExif.Orientation(encoded) : 1;
                ReadBySkia(format, encoded, name, options, wanted, orientation, ref result, in watch);
                break;
        }
    }

    private static unsafe void ReadBySkia<TResult>(
        ImageFormat format, ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, ImageSize? wanted, int? orientation,
        ref TResult result, in DecodeWatch watch)
        where TResult : struct, IPictureResult, allows ref struct
    {
        fixed (byte* bytes = encoded)
        {
            using var picture = new SkiaPicture(format, bytes, encoded.Length, name, options, wanted, orientation);
            result.TryTake(picture, in watch);
        }
    }
}
