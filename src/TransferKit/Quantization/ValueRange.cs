namespace TransferKit.Quantization;

/// <summary>The range of a value of the graph.</summary>
internal readonly record struct ValueRange(float Min, float Max);

/// <summary>The mapping between floats and bytes, <c>x = (byte - ZeroPoint) * Scale</c>.</summary>
internal readonly record struct ByteScale(float Scale, byte ZeroPoint)
{
    /// <summary>
    /// Creates the mapping of a range. It always represents zero exactly, because padding and ReLU produce zeros. A range that begins
    /// at zero has the zero point 0, so that the conversion to bytes performs a ReLU.
    /// </summary>
    public static ByteScale Of(ValueRange range)
    {
        var (min, max) = (Math.Min(range.Min, 0.0), Math.Max(range.Max, 0.0));
        // A value that was always zero has no scale.
        if (max - min < 1e-30)
            return new(1, 0);
        var scale = (float)((max - min) / byte.MaxValue);
        return new(scale, (byte)Math.Clamp(Math.Round(-min / scale), 0, byte.MaxValue));
    }
}
