using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Operators;

/// <summary>Makes bytes of the sums of a convolution.</summary>
internal static class ByteRounding
{
    // Packing takes four numbers of each vector in turn.
    private static Vector256<int> Order => Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7);

    /// <summary>Scales 16 sums, rounds to the nearest even number and adds the zero point, in the order of packing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Words(
        Vector256<int> s0, Vector256<int> s1, Vector256<float> factor0, Vector256<float> factor1, Vector256<short> zero) =>
        Avx2.AddSaturate(Avx2.PackSignedSaturate(Rounded(s0, factor0), Rounded(s1, factor1)), zero);

    /// <summary>Clips words to 0 and 255. Returns the 16 bytes of the first and then those of the second, in their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Pack(Vector256<short> first, Vector256<short> second) =>
        Avx2.PermuteVar8x32(Avx2.PackUnsignedSaturate(first, second).AsInt32(), Order).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Rounded(Vector256<int> sums, Vector256<float> factor) =>
        Avx.ConvertToVector256Int32(Avx.ConvertToVector256Single(sums) * factor);
}
