using TransferKit.Imaging;
using TransferKit.Imaging.Jpeg;

namespace TransferKit.Tests.Imaging;

/// <summary>A JPEG by one decoder alone: TransferKit's own, or Skia.</summary>
internal static class JpegDecoders
{
    /// <summary>By TransferKit's own; null where it leaves the picture to Skia.</summary>
    public static unsafe RgbImage? Own(ReadOnlySpan<byte> jpeg)
    {
        fixed (byte* bytes = jpeg)
        {
            using var picture = JpegPicture.Open(bytes, jpeg.Length, new());
            return picture is null ? null : Read(picture);
        }
    }

    /// <summary>By Skia, as if there were no other.</summary>
    public static unsafe RgbImage Skia(ReadOnlySpan<byte> jpeg)
    {
        if (EndOfFile.IsMissing(ImageFormat.Jpeg, jpeg))
            throw ImageDecodeException.CutOff(null);
        fixed (byte* bytes = jpeg)
        {
            using var picture = new SkiaPicture(ImageFormat.Jpeg, bytes, jpeg.Length, null, new(), wanted: null, uncovered: null);
            return Read(picture)!;
        }
    }

    private static RgbImage? Read<TPicture>(TPicture picture)
        where TPicture : IEncodedPicture
    {
        var pixels = new byte[picture.Width * picture.Height * 3];
        var rows = new WholePicture(pixels);
        return picture.TryRead(ref rows) ? RgbImage.FromRgb24(picture.Width, picture.Height, pixels) : null;
    }
}
