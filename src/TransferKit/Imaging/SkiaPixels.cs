using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SkiaSharp;

namespace TransferKit.Imaging;

/// <summary>Runs one of Skia's codecs and keeps red, green and blue.</summary>
internal static class SkiaPixels
{
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
            using var codec = SKCodec.Create(new SKMemoryStream(data), out var opened)
                ?? throw Failure(opened, name);
            ImageLimits.Check(codec.Info.Width, codec.Info.Height, name, options);
            // Skia's origins have the numbers of EXIF's orientations.
            var orientation = !options.ApplyExifOrientation ? 1
                : format == ImageFormat.Png ? PngExif.Orientation(encoded)
                : (int)codec.EncodedOrigin;
            var (width, height) = format == ImageFormat.Jpeg && options is { Fast: true, Wanted: { } wanted }
                ? ScaledFor(wanted, codec, orientation)
                : (codec.Info.Width, codec.Info.Height);

            // Not premultiplied, so that dropping alpha leaves the colours; no colour space, so that no profile is applied.
            var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
            var rented = ArrayPool<byte>.Shared.Rent(info.BytesSize);
            try
            {
                var rgba = rented.AsSpan(0, info.BytesSize);
                fixed (byte* target = rgba)
                {
                    var result = codec.GetPixels(info, (nint)target);
                    if (result != SKCodecResult.Success)
                    {
                        throw Failure(result, name);
                    }
                }
                if (uncovered is { } colour)
                {
                    MemoryMarshal.Cast<byte, uint>(rgba).Replace(0u, colour);
                }
                var image = RgbImage.Create(width, height, options.IsLending, out var pixels);
                DropAlpha(rgba, pixels);
                return ExifOrientation.Apply(image, orientation, options.IsLending);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    /// <summary>The least of libjpeg's sizes, in eighths, that still covers what is wanted.</summary>
    private static (int Width, int Height) ScaledFor(ImageSize wanted, SKCodec codec, int orientation)
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
        return (codec.Info.Width, codec.Info.Height);
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
