using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SkiaSharp;

namespace TransferKit.Imaging;

/// <summary>Runs one of Skia's codecs and keeps red, green and blue.</summary>
internal static class SkiaPixels
{
    private const int BandBytes = 1 << 17;

    public static RgbImage Decode(ImageFormat format, ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options)
    {
        if (EndOfFile.IsMissing(format, encoded))
        {
            throw Failure(SKCodecResult.IncompleteInput, name);
        }
        return format == ImageFormat.Gif ? DecodeGif(encoded, name, options) : Decode(format, encoded, name, options, null);
    }

    private static RgbImage DecodeGif(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options)
    {
        var transparencyFlags = new List<int>();
        var uncovered = GifFirstFrame.Read(encoded, transparencyFlags);
        if (transparencyFlags.Count == 0)
        {
            return Decode(ImageFormat.Gif, encoded, name, options, uncovered);
        }
        var copy = encoded.ToArray();
        foreach (var at in transparencyFlags)
        {
            copy[at] &= 0xFE;
        }
        return Decode(ImageFormat.Gif, copy, name, options, uncovered);
    }

    private static unsafe RgbImage Decode(
        ImageFormat format, ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, uint? uncovered)
    {
        fixed (byte* bytes = encoded)
        {
            // Skia reads the caller's memory: neither the data nor the codec outlives this block.
            using var data = SKData.Create((nint)bytes, encoded.Length);
            using var codec = SKCodec.Create(data) ?? throw Failure(WhyNotOpened(data), name);
            // Asked for once: each time makes objects.
            var whole = codec.Info;
            ImageLimits.Check(whole.Width, whole.Height, name, options);
            // Skia's origins have the numbers of EXIF's orientations.
            var orientation = !options.ApplyExifOrientation ? 1
                : format == ImageFormat.Png ? PngExif.Orientation(encoded)
                : (int)codec.EncodedOrigin;
            var (width, height) = format == ImageFormat.Jpeg && options is { Fast: true, Wanted: { } wanted }
                ? ScaledFor(wanted, codec, orientation, whole.Size)
                : (whole.Width, whole.Height);

            // Not premultiplied, so that dropping alpha leaves the colours; no colour space, so that no profile is applied.
            var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
            var image = RgbImage.Create(width, height, options.IsLending, out var pixels);
            // libjpeg goes row by row anyway; of other formats not all can.
            var result = format == ImageFormat.Jpeg ? DecodeInBands(codec, info, pixels) : DecodeWhole(codec, info, pixels, uncovered);
            if (result != SKCodecResult.Success)
            {
                image.GiveBack();
                throw Failure(result, name);
            }
            return ExifOrientation.Apply(image, orientation, options.IsLending);
        }
    }

    private static unsafe SKCodecResult DecodeWhole(SKCodec codec, SKImageInfo info, Span<byte> rgb, uint? uncovered)
    {
        var rented = LentMemory.Bytes.Rent(info.BytesSize);
        try
        {
            var rgba = rented.AsSpan(0, info.BytesSize);
            fixed (byte* target = rgba)
            {
                var result = codec.GetPixels(info, (nint)target);
                if (result != SKCodecResult.Success)
                {
                    return result;
                }
            }
            if (uncovered is { } colour)
            {
                MemoryMarshal.Cast<byte, uint>(rgba).Replace(0u, colour);
            }
            DropAlpha(rgba, rgb);
            return SKCodecResult.Success;
        }
        finally
        {
            LentMemory.Bytes.Return(rented);
        }
    }

    /// <summary>Some rows at a time, which stay in the processor's cache until their alpha is dropped.</summary>
    private static unsafe SKCodecResult DecodeInBands(SKCodec codec, SKImageInfo info, Span<byte> rgb)
    {
        var result = codec.StartScanlineDecode(info);
        if (result != SKCodecResult.Success)
        {
            return result;
        }
        var rowsOfBand = Math.Clamp(BandBytes / info.RowBytes, 1, info.Height);
        var rented = LentMemory.Bytes.Rent(rowsOfBand * info.RowBytes);
        try
        {
            for (var y = 0; y < info.Height; y += rowsOfBand)
            {
                var rows = Math.Min(rowsOfBand, info.Height - y);
                fixed (byte* band = rented)
                {
                    if (codec.GetScanlines((nint)band, rows, info.RowBytes) < rows)
                    {
                        return SKCodecResult.IncompleteInput;
                    }
                }
                DropAlpha(rented.AsSpan(0, rows * info.RowBytes), rgb.Slice(y * info.Width * 3, rows * info.Width * 3));
            }
            return SKCodecResult.Success;
        }
        finally
        {
            LentMemory.Bytes.Return(rented);
        }
    }

    /// <summary>The least of libjpeg's sizes, in eighths, that still covers what is wanted.</summary>
    private static (int Width, int Height) ScaledFor(ImageSize wanted, SKCodec codec, int orientation, SKSizeI whole)
    {
        var (width, height) = orientation >= 5 ? (wanted.Height, wanted.Width) : (wanted.Width, wanted.Height);
        for (var eighths = 1; eighths < 8; eighths++)
        {
            var scaled = codec.GetScaledDimensions(eighths / 8f);
            if (scaled.Width >= width && scaled.Height >= height)
            {
                return (scaled.Width, scaled.Height);
            }
        }
        return (whole.Width, whole.Height);
    }

    // Asked for only where it is needed: a stream costs a kilobyte of objects.
    private static SKCodecResult WhyNotOpened(SKData data)
    {
        using var codec = SKCodec.Create(new SKMemoryStream(data), out var result);
        return result;
    }

    private static void DropAlpha(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        var at = 0;
        var order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
        // Each store writes four bytes too many, which the next one overwrites; the last few pixels go singly.
        for (; (at * 3) + Vector128<byte>.Count <= rgb.Length; at += 4)
        {
            Vector128.Shuffle(Vector128.Create(rgba[(at * 4)..]), order).CopyTo(rgb[(at * 3)..]);
        }
        for (; at * 3 < rgb.Length; at++)
        {
            rgba.Slice(at * 4, 3).CopyTo(rgb[(at * 3)..]);
        }
    }

    private static ImageDecodeException Failure(SKCodecResult result, string? name) => result switch
    {
        SKCodecResult.IncompleteInput => new ImageDecodeException(
            ImageDecodeError.Truncated, name, "the file ends too early. Was it copied or downloaded completely?"),
        SKCodecResult.Unimplemented or SKCodecResult.InvalidConversion => new ImageDecodeException(
            ImageDecodeError.Unsupported, name,
            "the image uses a variant of its format that cannot be read. Save it anew, as PNG for example."),
        _ => new ImageDecodeException(
            ImageDecodeError.Corrupt, name, $"the image's content is damaged (the decoder says {result})."),
    };
}
