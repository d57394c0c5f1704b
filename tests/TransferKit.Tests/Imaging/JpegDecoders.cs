using TransferKit.Imaging.Jpeg;
using TransferKit.Imaging.Pictures;
using TransferKit.Imaging.Skia;

namespace TransferKit.Tests.Imaging;

/// <summary>Decodes a JPEG with one decoder alone: TransferKit's own, or Skia.</summary>
internal static class JpegDecoders
{
    private static readonly ImageDecodeOptions Draft = new() { Draft = true };

    /// <summary>Decodes with TransferKit's decoder, or returns null if it leaves the image to Skia.</summary>
    /// <param name="jpeg">The content of the file.</param>
    /// <param name="wanted">The size that the reduced image must cover.</param>
    public static unsafe RgbImage? Own(ReadOnlySpan<byte> jpeg, ImageSize? wanted = null)
    {
        fixed (byte* bytes = jpeg)
        {
            using var picture = JpegPicture.Open(bytes, jpeg.Length, Draft, wanted);
            return picture is null ? null : Read(picture);
        }
    }

    /// <summary>Decodes with Skia alone.</summary>
    /// <param name="jpeg">The content of the file.</param>
    /// <param name="wanted">The size that the reduced image must cover.</param>
    public static unsafe RgbImage Skia(ReadOnlySpan<byte> jpeg, ImageSize? wanted = null)
    {
        JpegMarkers.Check(jpeg, null, Draft, isDamaged: false);
        fixed (byte* bytes = jpeg)
        {
            using var picture = new SkiaPicture(ImageFormat.Jpeg, bytes, jpeg.Length, null, Draft, wanted);
            return Read(picture)!;
        }
    }

    private static RgbImage? Read<TPicture>(TPicture picture)
        where TPicture : IEncodedPicture
    {
        var pixels = new byte[picture.Width * picture.Height * 3];
        var rows = new WholePicture(pixels);
        return picture.TryRead(ref rows, DecodeWatch.For(default)) ? RgbImage.FromRgb24(picture.Width, picture.Height, pixels) : null;
    }
}
