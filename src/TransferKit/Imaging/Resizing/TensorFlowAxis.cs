namespace TransferKit.Imaging.Resizing;

/// <summary>
/// Represents one direction of a resize by TensorFlow: a part of the source, perhaps between black bars, becomes a part of the target.
/// </summary>
/// <param name="Source">Number of source positions.</param>
/// <param name="Start">First source position of the part.</param>
/// <param name="Length">Number of source positions of the part.</param>
/// <param name="Bar">Number of black positions before the part, and as many behind it.</param>
/// <param name="Target">Number of positions of the result.</param>
/// <param name="Offset">First position of the result that is not black.</param>
/// <param name="Size">Number of positions of the result that are resized.</param>
internal readonly record struct TensorFlowAxis(int Source, int Start, int Length, int Bar, int Target, int Offset, int Size)
{
    /// <summary>Gets the number of positions that are resized, the black ones included.</summary>
    public int Total => Length + (2 * Bar);

    /// <summary>Returns the directions across and down.</summary>
    public static (TensorFlowAxis Across, TensorFlowAxis Down) Both(int width, int height, ImageResize resize)
    {
        var (targetHeight, targetWidth) = (resize.Size.Height, resize.Size.Width);
        return (resize.AspectRatio, resize.Method) switch
        {
            (AspectRatio.Crop, _) => (Cropped(width, height, targetWidth, targetHeight), Cropped(height, width, targetHeight, targetWidth)),
            (AspectRatio.Pad, ResizeMethod.Resizing) =>
                (Padded(width, height, targetWidth, targetHeight), Padded(height, width, targetHeight, targetWidth)),
            (AspectRatio.Pad, _) =>
                (PaddedAfter(width, height, targetWidth, targetHeight), PaddedAfter(height, width, targetHeight, targetWidth)),
            _ => (Whole(width, targetWidth), Whole(height, targetHeight)),
        };
    }

    private static TensorFlowAxis Whole(int source, int target) => new(source, 0, source, 0, target, 0, target);

    /// <summary>Crops as <c>smart_resize</c> does. TensorFlow divides in single precision.</summary>
    private static TensorFlowAxis Cropped(int source, int other, int target, int otherTarget)
    {
        var length = Math.Clamp(Proportional(other, target, otherTarget), 1, source);
        return new(source, (source - length) / 2, length, 0, target, 0, target);
    }

    /// <summary>Pads as <c>Resizing</c> does: before the resize, so that the edges of the picture mix with black.</summary>
    private static TensorFlowAxis Padded(int source, int other, int target, int otherTarget)
    {
        var padded = Math.Max(source, Proportional(other, target, otherTarget));
        return new(source, 0, source, (padded - source) / 2, target, 0, target);
    }

    /// <summary>
    /// Pads as <c>tf.image.resize_with_pad</c> does: after the resize. Its single precision may lose one position, and so does this.
    /// </summary>
    private static TensorFlowAxis PaddedAfter(int source, int other, int target, int otherTarget)
    {
        var ratio = MathF.Max((float)source / target, (float)other / otherTarget);
        var exact = source / ratio;
        var bar = Math.Max(0, (int)MathF.Floor((target - exact) / 2));
        return new(source, 0, source, 0, target, bar, Math.Min((int)MathF.Floor(exact), target - bar));
    }

    private static int Proportional(int other, int target, int otherTarget) => (int)((float)((long)other * target) / otherTarget);
}
