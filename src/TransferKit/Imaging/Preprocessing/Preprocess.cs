using TransferKit.Imaging.Preprocessing;

namespace TransferKit;

/// <summary>Provides Keras' <c>preprocess_input</c> for plain arrays: the preparation of pixels for a backbone.</summary>
/// <remarks>
/// Every step is Keras' single-precision step, in Keras' order, so the results equal Keras' bit for bit. The input is never modified,
/// unless it is also the destination.
/// </remarks>
public static class Preprocess
{
    /// <summary>Preprocesses pixels into a new array.</summary>
    /// <param name="rgb">Pixels of shape <c>(..., 3)</c>: any number of images, rows and columns, then red, green, blue, 0 to 255.</param>
    /// <param name="mode">Preprocessing mode.</param>
    /// <returns>Values of the same shape. In <see cref="PreprocessMode.Caffe"/> the channels are blue, green, red.</returns>
    /// <exception cref="ArgumentException">The number of values is not a multiple of 3.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The mode is unknown.</exception>
    public static float[] Apply(ReadOnlySpan<float> rgb, PreprocessMode mode)
    {
        var result = GC.AllocateUninitializedArray<float>(rgb.Length);
        Apply(rgb, result, mode);
        return result;
    }
    /// <summary>Preprocesses pixels into the caller's memory.</summary>
    /// <param name="rgb">Pixels of shape <c>(..., 3)</c>: any number of images, rows and columns, then red, green, blue, 0 to 255.</param>
    /// <param name="destination">
    /// Memory as long as <paramref name="rgb"/>, either the same memory or memory that does not overlap it.
    /// </param>
    /// <param name="mode">Preprocessing mode.</param>
    /// <exception cref="ArgumentException">The lengths differ or are not a multiple of 3, or the memory overlaps in part.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The mode is unknown.</exception>
    public static void Apply(ReadOnlySpan<float> rgb, Span<float> destination, PreprocessMode mode)
    {
        if (rgb.Length % 3 != 0)
        {
            throw new ArgumentException($"Pixels have 3 channels, so {rgb.Length} values cannot be whole pixels.", nameof(rgb));
        }
        if (destination.Length != rgb.Length)
        {
            throw new ArgumentException(
                $"{rgb.Length} values cannot go into {destination.Length}; both must have the same length.", nameof(destination));
        }
        if (rgb.Overlaps(destination, out var offset) && offset != 0)
        {
            throw new ArgumentException("The memory overlaps the input in part; use the same or separate memory.", nameof(destination));
        }
        switch (mode)
        {
            case PreprocessMode.None:
                rgb.CopyTo(destination);
                break;
            case PreprocessMode.Caffe:
                Interleaved<CaffeMode>(rgb, destination);
                break;
            case PreprocessMode.Tf:
                Interleaved<TfMode>(rgb, destination);
                break;
            case PreprocessMode.Torch:
                Interleaved<TorchMode>(rgb, destination);
                break;
            default:
                throw Unknown(mode);
        }
    }
    /// <summary>Preprocesses decoded pixels and converts them to the layout of backbones, in one pass.</summary>
    /// <remarks>
    /// From <c>(n, height, width, 3)</c>, RGB, 0 to 255, to <c>(n, 3, height, width)</c>; in
    /// <see cref="PreprocessMode.Caffe"/> the planes are blue, green, red. Bytes and floats give the same bits.
    /// </remarks>
    internal static void ToPlanar(
        ReadOnlySpan<byte> nhwc, Span<float> nchw, int n, int height, int width, PreprocessMode mode) =>
        ToPlanar<byte>(nhwc, nchw, n, height, width, mode);
    /// <inheritdoc cref="ToPlanar(ReadOnlySpan{byte}, Span{float}, int, int, int, PreprocessMode)"/>
    internal static void ToPlanar(
        ReadOnlySpan<float> nhwc, Span<float> nchw, int n, int height, int width, PreprocessMode mode) =>
        ToPlanar<float>(nhwc, nchw, n, height, width, mode);
    private static void ToPlanar<T>(
        ReadOnlySpan<T> nhwc, Span<float> nchw, int n, int height, int width, PreprocessMode mode)
        where T : unmanaged
    {
        var values = (long)n * height * width * 3;
        ArgumentOutOfRangeException.ThrowIfNotEqual(nhwc.Length, values, nameof(nhwc));
        ArgumentOutOfRangeException.ThrowIfNotEqual(nchw.Length, values, nameof(nchw));
        var area = height * width;
        for (var i = 0; i < n; i++)
        {
            var pixels = nhwc.Slice(i * area * 3, area * 3);
            var planes = nchw.Slice(i * area * 3, area * 3);
            switch (mode)
            {
                case PreprocessMode.None:
                    Planar.Write<T, NoMode>(pixels, planes, area);
                    break;
                case PreprocessMode.Caffe:
                    Planar.Write<T, CaffeMode>(pixels, planes, area);
                    break;
                case PreprocessMode.Tf:
                    Planar.Write<T, TfMode>(pixels, planes, area);
                    break;
                case PreprocessMode.Torch:
                    Planar.Write<T, TorchMode>(pixels, planes, area);
                    break;
                default:
                    throw Unknown(mode);
            }
        }
    }
    private static void Interleaved<TMode>(ReadOnlySpan<float> rgb, Span<float> destination)
        where TMode : IChannelArithmetic
    {
        for (var i = 0; i < rgb.Length; i += 3)
        {
            // All three values are read before any is written, because input and destination may be the same memory.
            var (red, green, blue) = (rgb[i], rgb[i + 1], rgb[i + 2]);
            destination[i + TMode.Plane(0)] = TMode.Apply(red, 0);
            destination[i + TMode.Plane(1)] = TMode.Apply(green, 1);
            destination[i + TMode.Plane(2)] = TMode.Apply(blue, 2);
        }
    }
    private static ArgumentOutOfRangeException Unknown(PreprocessMode mode) =>
        new(nameof(mode), mode, "The value is not one of Keras' preprocessing modes.");
}
