using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging.Resizing;

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
        else if (resize.CropFrom is { } crop)
        {
            // A default axis has no length, which marks the plan as empty.
            if (crop.Resized(width, height) is { } resized)
            {
                _across = ResampleAxis.CentreOf(width, resized.Width, resize.Size.Width);
                _down = ResampleAxis.CentreOf(height, resized.Height, resize.Size.Height);
            }
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
        if (AvxVnni.IsSupported)
        {
            return Resampler<VnniKernel>.For(_across, _down, filter);
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
