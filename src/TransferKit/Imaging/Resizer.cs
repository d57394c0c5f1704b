using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging;

/// <summary>
/// Brings one picture to another size, byte for byte as Pillow does. It takes the rows from the top down, some at a time, as
/// they are decoded: so the picture is never whole in memory, and its rows are still in the processor's cache.
/// </summary>
internal abstract class Resizer : IDisposable
{
    /// <summary>Takes the picture's next rows, and writes those of the result that depend on none to come.</summary>
    /// <param name="rows">Whole rows, <c>(rows, width, 3)</c>.</param>
    /// <param name="target">The whole result, <c>(height, width, 3)</c>; the same each time.</param>
    public abstract void Add(ReadOnlySpan<byte> rows, Span<byte> target);

    public abstract void Dispose();

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
