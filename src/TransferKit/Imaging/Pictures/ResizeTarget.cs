namespace TransferKit.Imaging.Pictures;

/// <summary>Checks the arguments of a resize.</summary>
internal static class ResizeTarget
{
    public static void Check(ImageSize size, Interpolation filter, ReadOnlySpan<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size.Height, 1, nameof(size));
        ArgumentOutOfRangeException.ThrowIfLessThan(size.Width, 1, nameof(size));
        CheckFilter(filter);
        if (target.Length != (long)size.Height * size.Width * 3)
        {
            throw new ArgumentException(
                $"An RGB24 image of {size.Width} x {size.Height} takes {(long)size.Height * size.Width * 3} bytes, "
                + $"but the target has {target.Length}.",
                nameof(target));
        }
    }

    public static void CheckFilter(Interpolation filter)
    {
        if (!Enum.IsDefined(filter))
        {
            throw new ArgumentOutOfRangeException(nameof(filter), filter, "The value is not one of Pillow's six filters.");
        }
    }
}
