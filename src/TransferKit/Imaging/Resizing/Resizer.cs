using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Resizing;

/// <summary>
/// Resizes one picture with the same bytes as Pillow. It takes rows from the top down while they are decoded. The picture is never whole in
/// memory, and its rows are still in the processor's cache.
/// </summary>
internal abstract class Resizer : IDisposable
{
    /// <summary>Adds the picture's next rows and writes the rows of the result that are complete with them.</summary>
    /// <param name="rows">Whole rows, <c>(rows, width, 3)</c>.</param>
    /// <param name="target">Memory of the whole result, <c>(height, width, 3)</c>; the same in each call.</param>
    public abstract void Add(ReadOnlySpan<byte> rows, Span<byte> target);

    public abstract void Dispose();

    /// <summary>Returns the bytes of working memory that a resize allocates.</summary>
    public static long WorkingBytes(int width, int height, int targetWidth, int targetHeight, Interpolation filter) =>
        filter == Interpolation.Nearest
            ? sizeof(int) * ((long)targetWidth + targetHeight)
            : Resampler<ScalarKernel>.Bytes(width, height, targetWidth, targetHeight, filter);

    /// <summary>Creates a resizer for an untrusted picture.</summary>
    /// <exception cref="ImageDecodeException">The resize would take too much memory; nothing was allocated.</exception>
    public static Resizer Create(int width, int height, ImageSize target, Interpolation filter, string? name)
    {
        PictureSize.Record(width, height);
        var bytes = WorkingBytes(width, height, target.Width, target.Height, filter);
        return bytes <= ImageLimits.MostResizeBytes
            ? Create(width, height, target.Width, target.Height, filter)
            : throw new ImageDecodeException(
                ImageDecodeError.TooLarge, name,
                $"bringing {width} x {height} pixels to {target.Width} x {target.Height} would take {bytes} bytes of working memory, "
                + $"more than the {ImageLimits.MostResizeBytes} that are allowed. Cut the image into parts, or use the filter Nearest.");
    }

    public static Resizer Create(int width, int height, int targetWidth, int targetHeight, Interpolation filter)
    {
        if (filter == Interpolation.Nearest)
        {
            return new NearestNeighbour(width, height, targetWidth, targetHeight);
        }
        if (Avx2.IsSupported)
        {
            return Resampler<Avx2Kernel>.For(width, height, targetWidth, targetHeight, filter);
        }
        return Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian
            ? Resampler<Vector128Kernel>.For(width, height, targetWidth, targetHeight, filter)
            : Resampler<ScalarKernel>.For(width, height, targetWidth, targetHeight, filter);
    }
}
