using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Imaging.Resizing;

/// <summary>
/// Implements the resampling loops for any processor with 128-bit vectors, such as ARM. A vector holds one pixel, or four bytes of a row.
/// </summary>
internal readonly unsafe struct Vector128Kernel : IResampleKernel
{
    private static readonly Vector128<int> Half = Vector128.Create(ResampleWeights.Half);

    public static PackedWeights Pack(ResampleWeights weights) => PackedWeights.Whole(weights);

    public static void Columns(
        byte* source, nint stride, int rows, PackedWeights weights, byte* target, nint targetStride)
    {
        for (var y = 0; y < rows; y++, source += stride, target += targetStride)
        {
            for (var x = 0; x < weights.Positions; x++)
            {
                var values = weights.Values(x);
                var from = source + ((nint)weights.First(x) * 3);
                var count = weights.Count(x);
                var sum = Half;
                for (var i = 0; i < count; i++, from += 3)
                {
                    // The load takes the pixel and one byte of the next one, whose lane is not used.
                    var pixel = Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(from)).AsByte();
                    var wide = Vector128.WidenLower(Vector128.WidenLower(pixel)).AsInt32();
                    sum += wide * values[i];
                }
                Unsafe.WriteUnaligned(target + ((nint)x * 3), Clip(sum, sum, sum, sum).AsUInt32().ToScalar());
            }
        }
    }

    public static void Row(
        byte* source, nint stride, PackedWeights weights, int index, byte* target, int length)
    {
        if (length < Vector128<byte>.Count)
        {
            ScalarKernel.Row(source, stride, weights, index, target, length);
            return;
        }
        var values = weights.Values(index);
        var count = weights.Count(index);
        for (nint x = 0; ; x += Vector128<byte>.Count)
        {
            // The last step overlaps the one before, so that it stays within the row.
            x = Math.Min(x, length - Vector128<byte>.Count);
            var from = source + x;
            Vector128<int> a = Half, b = Half, c = Half, d = Half;
            for (var i = 0; i < count; i++, from += stride)
            {
                var (low, high) = Vector128.Widen(Vector128.Load(from));
                var weight = Vector128.Create(values[i]);
                a += Vector128.WidenLower(low).AsInt32() * weight;
                b += Vector128.WidenUpper(low).AsInt32() * weight;
                c += Vector128.WidenLower(high).AsInt32() * weight;
                d += Vector128.WidenUpper(high).AsInt32() * weight;
            }
            Clip(a, b, c, d).Store(target + x);
            if (x == length - Vector128<byte>.Count)
            {
                return;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Clip(Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d) =>
        Vector128.Narrow(Vector128.Narrow(Clip(a), Clip(b)).AsUInt16(), Vector128.Narrow(Clip(c), Clip(d)).AsUInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Clip(Vector128<int> sum) =>
        Vector128.Min(Vector128.Max(sum >> ResampleWeights.Precision, Vector128<int>.Zero), Vector128.Create(255));
}
