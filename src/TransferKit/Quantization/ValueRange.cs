namespace TransferKit.Quantization;

/// <summary>Between which numbers a value of the graph lies.</summary>
internal readonly record struct ValueRange(float Min, float Max);

/// <summary>How a float is kept as a byte: <c>x = (byte - ZeroPoint) * Scale</c>.</summary>
internal readonly record struct ByteScale(float Scale, byte ZeroPoint)
{
    /// <summary>
    /// Zero is always among the numbers that are kept exactly: padding and ReLU are zeros. A range that begins there, as
    /// after a ReLU, has the zero point 0, so that keeping it as bytes is the ReLU.
    /// </summary>
    public static ByteScale Of(ValueRange range)
    {
        var (min, max) = (Math.Min(range.Min, 0.0), Math.Max(range.Max, 0.0));
        // A value that was never anything but zero.
        if (max - min < 1e-30)
            return new(1, 0);
        var scale = (float)((max - min) / byte.MaxValue);
        return new(scale, (byte)Math.Clamp(Math.Round(-min / scale), 0, byte.MaxValue));
    }
}
