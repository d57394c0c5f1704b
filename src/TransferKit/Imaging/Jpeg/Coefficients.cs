using System.Runtime.Intrinsics;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Examines the coefficients of a block.</summary>
internal static unsafe class Coefficients
{
    public const int Count = 64;

    /// <summary>Returns a mask with a bit for each coefficient that is not zero.</summary>
    public static ulong NonZero(short* block)
    {
        var zeros = 0UL;
        for (var i = 0; i < Count; i += Vector256<sbyte>.Count)
        {
            var low = Vector256.Equals(Vector256.Load(block + i), Vector256<short>.Zero);
            var high = Vector256.Equals(Vector256.Load(block + i + Vector256<short>.Count), Vector256<short>.Zero);
            zeros |= (ulong)Vector256.Narrow(low, high).ExtractMostSignificantBits() << i;
        }
        return ~zeros;
    }
}
