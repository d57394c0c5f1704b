using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
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

    public abstract void Dispose();

    /// <summary>Creates a resizer for an untrusted picture.</summary>
    /// <exception cref="ImageDecodeException">
    /// The resize would take too much memory, or the picture is too thin for the wanted proportions; nothing was allocated.
    /// </exception>
    public static Resizer Create(int width, int height, ImageResize resize, string? name)
    {
        var plan = ResizePlan.Of(width, height, resize);
        if (plan.IsEmpty)
        {
            throw new ImageDecodeException(
                ImageDecodeError.Unsupported, name,
                $"{width} x {height} pixels are too thin to be brought to {resize.Size.Width} x {resize.Size.Height} "
                + $"with AspectRatio.{resize.AspectRatio}, as in Keras. Use AspectRatio.{AspectRatio.Stretch}.");
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

/// <summary>Represents a resize before memory is allocated for it.</summary>
internal readonly struct ResizePlan
{
    private readonly ImageResize _resize;
    private readonly int _width;
    private readonly ResampleAxis _across;
    private readonly ResampleAxis _down;
    private readonly TensorFlowAxis _floatAcross;
    private readonly TensorFlowAxis _floatDown;

    private ResizePlan(int width, int height, ImageResize resize)
    {
        (_resize, _width) = (resize, width);
        if (resize.IsFloat)
        {
            (_floatAcross, _floatDown) = TensorFlowAxis.Both(width, height, resize);
        }
        else if (resize.AspectRatio == AspectRatio.Crop && (width, height) != (resize.Size.Width, resize.Size.Height))
        {
            _across = ResampleAxis.Centre(width, height, resize.Size.Width, resize.Size.Height);
            _down = ResampleAxis.Centre(height, width, resize.Size.Height, resize.Size.Width);
        }
        else
        {
            _across = ResampleAxis.Whole(width, resize.Size.Width);
            _down = ResampleAxis.Whole(height, resize.Size.Height);
        }
    }

    public static ResizePlan Of(int width, int height, ImageResize resize) => new(width, height, resize);

    /// <summary>Gets whether no pixel would be left.</summary>
    public bool IsEmpty => _resize.IsFloat
        ? _floatAcross.Size == 0 || _floatDown.Size == 0
        : _across.Length == 0 || _down.Length == 0;

    /// <summary>Gets the bytes of working memory that the resize allocates.</summary>
    public long WorkingBytes => (_resize.IsFloat, _resize.Interpolation) switch
    {
        (true, var filter) => TensorFlowResizer.Bytes(_floatAcross, _floatDown, filter),
        (false, Interpolation.Nearest) => sizeof(int) * ((long)_across.Target + _down.Target),
        (false, var filter) => Resampler<ScalarKernel>.Bytes(_across, _down, filter),
    };

    public Resizer CreateResizer()
    {
        var colours = _resize.IsFloat ? TensorFlowResizer.For(_floatAcross, _floatDown, _resize.Interpolation) : CreatePillow();
        return _resize.ColorMode == ColorMode.Grayscale ? new GreyResizer(colours) : colours;
    }

    private Resizer CreatePillow()
    {
        var filter = _resize.Interpolation;
        if (filter == Interpolation.Nearest)
        {
            return new NearestNeighbour(_across, _down);
        }
        if (Avx2.IsSupported)
        {
            return Resampler<Avx2Kernel>.For(_across, _down, filter);
        }
        return Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian
            ? Resampler<Vector128Kernel>.For(_across, _down, filter)
            : Resampler<ScalarKernel>.For(_across, _down, filter);
    }
}
