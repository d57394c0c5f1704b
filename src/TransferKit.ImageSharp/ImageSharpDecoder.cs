using System.Diagnostics;
using System.Globalization;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace TransferKit.ImageSharp;

/// <summary>
/// Decodes JPEG, PNG, GIF, BMP and WebP with SixLabors.ImageSharp, for applications whose other code works on ImageSharp's pixels.
/// </summary>
/// <remarks>
/// The default decoder is exact and faster. Here the pixels of most JPEGs differ from Pillow's, and the features with them. TIFF is
/// declined: ImageSharp 2.1 never returns from some damaged TIFFs (CVE-2026-106116), and version 2.1 gets no more security updates.
/// </remarks>
public sealed class ImageSharpDecoder : IImageDecoder
{
    /// <inheritdoc/>
    public bool CanDecode(ReadOnlySpan<byte> header) => ImageSharpFormat.Of(header) is not null;

    /// <inheritdoc/>
    public ImageDecodeException Declined(ReadOnlySpan<byte> header, string? name) => new(
        ImageDecodeError.NotAnImage, name,
        "the ImageSharpDecoder reads JPEG, PNG, GIF, BMP and WebP, and this is none of them. The default decoder reads more formats.");

    /// <inheritdoc/>
    public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options) => Decode(encoded, name, options, default);

    /// <inheritdoc/>
    public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (encoded.IsEmpty)
            throw new ImageDecodeException(ImageDecodeError.Empty, name, "the file is empty. Was it copied or downloaded completely?");
        var format = ImageSharpFormat.Of(encoded) ?? throw Declined(encoded, name);
        ThrowIfAbove(options.MaxBytes, encoded.Length, "bytes", nameof(options.MaxBytes), name);
        if (format.IsJpeg)
            Check(JpegStructure.Of(encoded), name, options);

        if (options.Timeout is not { } timeout)
            return Decode(encoded, name, options, format, cancellationToken);

        var start = Stopwatch.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(timeout);
        try
        {
            var image = Decode(encoded, name, options, format, stop.Token);
            return Stopwatch.GetElapsedTime(start) <= timeout ? image : throw TimedOut(name, timeout, null);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(name, timeout, e);
        }
    }

    private static ImageDecodeException TimedOut(string? name, TimeSpan timeout, Exception? inner) => new(
        ImageDecodeError.TimedOut, name,
        $"decoding took longer than the {timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s that "
        + "ImageDecodeOptions.Timeout allows.",
        inner);

    private static unsafe RgbImage Decode(
        ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, ImageSharpFormat format, CancellationToken stop)
    {
        fixed (byte* content = encoded)
        {
            using var stream = new UnmanagedMemoryStream(content, encoded.Length);
            try
            {
                stop.ThrowIfCancellationRequested();
                var info = ((IImageInfoDetector)format.Decoder).Identify(Configuration.Default, stream, stop);
                ThrowIfAbove(options.MaxPixels, (long)info.Width * info.Height, "pixels", nameof(options.MaxPixels), name);
                stream.Position = 0;
                using var image = format.Decoder.Decode<Rgb24>(Configuration.Default, stream, stop);
                if (options.ApplyExifOrientation)
                    image.Mutate(context => context.AutoOrient());
                return Rgb24Pixels.Copy(image);
            }
            catch (Exception e) when (e is ImageFormatException or NotSupportedException)
            {
                var reason = e is NotSupportedException ? ImageDecodeError.Unsupported : ImageDecodeError.Corrupt;
                throw new ImageDecodeException(reason, name, $"ImageSharp does not decode this {format.Name}: {e.Message}", e);
            }
        }
    }

    // ImageSharp fills the rest of a cut JPEG with grey and reports nothing.
    private static void Check(JpegStructure jpeg, string? name, ImageDecodeOptions options)
    {
        if (!jpeg.HasEnd)
        {
            throw new ImageDecodeException(
                ImageDecodeError.Truncated, name, "the file ends too early. Was it copied or downloaded completely?");
        }
        ThrowIfAbove(options.MaxScans, jpeg.Scans, "scans", nameof(options.MaxScans), name);
    }

    private static void ThrowIfAbove(long limit, long value, string what, string option, string? name)
    {
        if (value > limit)
        {
            throw new ImageDecodeException(
                ImageDecodeError.TooLarge, name, $"it has {value:N0} {what}; ImageDecodeOptions.{option} allows {limit:N0}.");
        }
    }
}
