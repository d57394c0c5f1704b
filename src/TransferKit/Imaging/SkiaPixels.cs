namespace TransferKit.Imaging;

/// <summary>Pictures of the formats that Skia reads: whole, or brought to another size while they are decoded.</summary>
internal static class SkiaPixels
{
    public static unsafe RgbImage Decode(ImageFormat format, ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options)
    {
        encoded = ForSkia(format, encoded, name, out var uncovered);
        fixed (byte* bytes = encoded)
        {
            using var picture = new SkiaPicture(format, bytes, encoded.Length, name, options, wanted: null);
            return Whole(picture, uncovered, isLent: false);
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
        encoded = ForSkia(format, encoded, name, out var uncovered);
        fixed (byte* bytes = encoded)
        {
            using var picture = new SkiaPicture(format, bytes, encoded.Length, name, options, size);
            if (ExifOrientation.IsUpright(picture.Orientation))
            {
                using var resizer = Resizer.Create(picture.Width, picture.Height, size.Width, size.Height, filter);
                var rows = new ResizedRows(resizer, target);
                picture.Read(ref rows, uncovered);
                rows.GiveBack();
                return;
            }
            // Turned first, then resized: Pillow's passes are not the same in the other direction.
            var whole = Whole(picture, uncovered, isLent: true);
            whole.Resize(size.Width, size.Height, filter, target);
            whole.GiveBack();
        }
    }

    private static RgbImage Whole(SkiaPicture picture, uint? uncovered, bool isLent)
    {
        var image = RgbImage.Create(picture.Width, picture.Height, isLent, out var pixels);
        var rows = new WholePicture(pixels);
        picture.Read(ref rows, uncovered);
        return ExifOrientation.Apply(image, picture.Orientation, isLent);
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
