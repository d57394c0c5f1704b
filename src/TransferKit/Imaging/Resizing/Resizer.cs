using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Resizing;

/// <summary>
/// Resizes one picture with Pillow's bytes or TensorFlow's floats. It takes rows from the top down while they are decoded. The picture is
/// never whole in memory, and its rows are still in the processor's cache.
/// </summary>
internal abstract class Resizer : IDisposable
{
    /// <summary>Adds the picture's next rows and writes the rows of the result that are complete with them.</summary>
    /// <param name="rows">Whole rows, <c>(rows, width, 3)</c>.</param>
    /// <param name="target">
    /// Memory of the whole result, <c>(height, width, 3)</c> bytes or floats; the same in each call. All of it is written.
    /// </param>
    public abstract void Add(ReadOnlySpan<byte> rows, Span<byte> target);

    /// <summary>Returns whether the result depends on a row of the picture. Other rows are added too, with any content.</summary>
    public virtual bool Needs(int row) => true;

    public abstract void Dispose();

    /// <summary>Creates a resizer for an untrusted picture.</summary>
    /// <exception cref="ImageDecodeException">
    /// The resize would take too much memory, or the picture is too thin for the wanted proportions; nothing was allocated.
    /// </exception>
    public static Resizer Create(int width, int height, ImageResize resize, string? name)
    {
        PictureSize.Record(width, height);
        var plan = ResizePlan.Of(width, height, resize);
        if (plan.IsEmpty)
        {
            throw new ImageDecodeException(
                ImageDecodeError.Unsupported, name,
                $"{width} x {height} pixels are too thin to be brought to {resize.Size.Width} x {resize.Size.Height} "
                + (resize.CropFrom is { } crop ? $"from {crop}. Leave CropFrom out for this picture."
                    : $"with AspectRatio.{resize.AspectRatio}, as in Keras. Use AspectRatio.{AspectRatio.Stretch}."));
        }
        if (plan.WorkingBytes is > ImageLimits.MostResizeBytes and var bytes)
        {
            throw new ImageDecodeException(
                ImageDecodeError.TooLarge, name,
                $"bringing {width} x {height} pixels to {resize.Size.Width} x {resize.Size.Height} would take {bytes} bytes of working "
                + $"memory, more than the {ImageLimits.MostResizeBytes} that are allowed. Cut the image into parts, or use the filter "
                + "Nearest.");
        }
        return plan.CreateResizer();
    }
}
