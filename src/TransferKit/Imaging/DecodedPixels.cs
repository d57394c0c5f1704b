using System.Diagnostics.CodeAnalysis;
using TransferKit.Imaging.Jpeg;

namespace TransferKit.Imaging;

/// <summary>
/// Pictures of all formats but TIFF: whole, or brought to another size while they are decoded. A JPEG is tried here first, and Skia
/// reads what that leaves.
/// </summary>
internal static class DecodedPixels
{
    public static unsafe RgbImage Decode(ImageFormat format, ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options)
    {
        if (format == ImageFormat.Jpeg)
        {
            fixed (byte* bytes = encoded)
            {
                using var jpeg = JpegPicture.Open(bytes, encoded.Length, options);
                if (jpeg is not null && TryWhole(jpeg, isLent: false, out var image))
                {
                    return image;
                }
            }
        }
        encoded = ForSkia(format, encoded, name, out var uncovered);
        fixed (byte* bytes = encoded)
        {
            using var picture = new SkiaPicture(format, bytes, encoded.Length, name, options, wanted: null, uncovered);
            TryWhole(picture, isLent: false, out var image);
            return image!;
        }
    }

    /// <param name="format">What the content is; not TIFF.</param>
    /// <param name="encoded">The content.</param>
    /// <param name="name">Names the picture in errors.</param>
    /// <param name="options">Limits and orientation.</param>
    /// <param name="size">The size to bring it to.</param>
    /// <param name="filter">How.</param>
    /// <param name="target">The result, <c>(height, width, 3)</c>.</param>
    public static unsafe void Decode(
        ImageFormat format, ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, ImageSize size, Interpolation filter, Span<byte> target)
    {
        if (format == ImageFormat.Jpeg)
        {
            fixed (byte* bytes = encoded)
            {
                using var jpeg = JpegPicture.Open(bytes, encoded.Length, options, size);
                if (jpeg is not null && TryResized(jpeg, size, filter, target))
                {
                    return;
                }
            }
        }
        encoded = ForSkia(format, encoded, name, out var uncovered);
        fixed (byte* bytes = encoded)
        {
            using var picture = new SkiaPicture(format, bytes, encoded.Length, name, options, size, uncovered);
            TryResized(picture, size, filter, target);
        }
    }

    private static bool TryWhole<TPicture>(TPicture picture, bool isLent, [NotNullWhen(true)] out RgbImage? image)
        where TPicture : IEncodedPicture
    {
        image = RgbImage.Create(picture.Width, picture.Height, isLent, out var pixels);
        var rows = new WholePicture(pixels);
        if (!picture.TryRead(ref rows))
        {
            image.GiveBack();
            image = null;
            return false;
        }
        image = ExifOrientation.Apply(image, picture.Orientation, isLent);
        return true;
    }

    private static bool TryResized<TPicture>(TPicture picture, ImageSize size, Interpolation filter, Span<byte> target)
        where TPicture : IEncodedPicture
    {
        if (!ExifOrientation.IsUpright(picture.Orientation))
        {
            // Turned first, then resized: Pillow's passes are not the same in the other direction.
            if (!TryWhole(picture, isLent: true, out var whole))
            {
                return false;
            }
            whole.Resize(size.Width, size.Height, filter, target);
            whole.GiveBack();
            return true;
        }
        using var resizer = Resizer.Create(picture.Width, picture.Height, size.Width, size.Height, filter);
        var rows = new ResizedRows(resizer, target);
        var isRead = picture.TryRead(ref rows);
        rows.GiveBack();
        return isRead;
    }

    /// <summary>The content as Skia should see it.</summary>
    private static ReadOnlySpan<byte> ForSkia(ImageFormat format, ReadOnlySpan<byte> encoded, string? name, out uint? uncovered)
    {
        uncovered = null;
        if (EndOfFile.IsMissing(format, encoded))
        {
            throw ImageDecodeException.CutOff(name);
        }
        if (format != ImageFormat.Gif)
        {
            return encoded;
        }
        var transparencyFlags = new List<int>();
        uncovered = GifFirstFrame.Read(encoded, transparencyFlags);
        if (transparencyFlags.Count == 0)
        {
            return encoded;
        }
        var copy = encoded.ToArray();
        foreach (var at in transparencyFlags)
        {
            copy[at] &= 0xFE;
        }
        return copy;
    }
}
