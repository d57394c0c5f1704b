using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Converts the samples of sixteen pixels to red, green and blue.</summary>
internal interface IJpegColour
{
    static abstract void ToRgb(ref Vector128<byte> first, ref Vector128<byte> second, ref Vector128<byte> third);
}

/// <summary>Leaves samples that are already red, green and blue, or grey, unchanged.</summary>
internal readonly struct PlainColour : IJpegColour
{
    public static void ToRgb(ref Vector128<byte> first, ref Vector128<byte> second, ref Vector128<byte> third)
    {
    }
}

/// <summary>Provides the factors of the colour conversion, multiplied by 2^16 and rounded as in libjpeg.</summary>
internal static class YccFactors
{
    public const int RedOfCr = 91881;
    public const int GreenOfCb = -22554;
    public const int GreenOfCr = -46802;
    public const int BlueOfCb = 116130;
    public const int Bits = 16;
    public const int Half = 1 << (Bits - 1);
}

/// <summary>Converts luminance and two chroma components on any processor.</summary>
internal readonly struct PortableYcc : IJpegColour
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ToRgb(ref Vector128<byte> first, ref Vector128<byte> second, ref Vector128<byte> third)
    {
        var (lowY, highY) = Vector128.Widen(first);
        var (lowCb, highCb) = Vector128.Widen(second);
        var (lowCr, highCr) = Vector128.Widen(third);
        var (lowRed, lowGreen, lowBlue) = Eight(lowY.AsInt16(), lowCb.AsInt16() - Middle, lowCr.AsInt16() - Middle);
        var (highRed, highGreen, highBlue) = Eight(highY.AsInt16(), highCb.AsInt16() - Middle, highCr.AsInt16() - Middle);
        first = Vector128.Narrow(lowRed, highRed);
        second = Vector128.Narrow(lowGreen, highGreen);
        third = Vector128.Narrow(lowBlue, highBlue);
    }

    private static Vector128<short> Middle => Vector128.Create((short)128);

    private static (Vector128<ushort> Red, Vector128<ushort> Green, Vector128<ushort> Blue) Eight(
        Vector128<short> y, Vector128<short> cb, Vector128<short> cr)
    {
        var (lowY, highY) = Vector128.Widen(y);
        var (lowCb, highCb) = Vector128.Widen(cb);
        var (lowCr, highCr) = Vector128.Widen(cr);
        return (
            Vector128.Narrow(Sum(lowY, lowCr * YccFactors.RedOfCr), Sum(highY, highCr * YccFactors.RedOfCr)),
            Vector128.Narrow(
                Sum(lowY, (lowCb * YccFactors.GreenOfCb) + (lowCr * YccFactors.GreenOfCr)),
                Sum(highY, (highCb * YccFactors.GreenOfCb) + (highCr * YccFactors.GreenOfCr))),
            Vector128.Narrow(Sum(lowY, lowCb * YccFactors.BlueOfCb), Sum(highY, highCb * YccFactors.BlueOfCb)));
    }

    private static Vector128<uint> Sum(Vector128<int> y, Vector128<int> difference)
    {
        var sum = y + ((difference + Vector128.Create(YccFactors.Half)) >> YccFactors.Bits);
        return Vector128.Min(Vector128.Max(sum, Vector128<int>.Zero), Vector128.Create(255)).AsUInt32();
    }
}

/// <summary>
/// Converts luminance and two chroma components with AVX2 in 16 bits. The fraction of a factor multiplies twice the chroma value. Half of
/// that product's upper half plus one rounds as the 32-bit arithmetic does.
/// </summary>
internal readonly struct Avx2Ycc : IJpegColour
{
    public const int One = 1 << YccFactors.Bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ToRgb(ref Vector128<byte> first, ref Vector128<byte> second, ref Vector128<byte> third)
    {
        var y = Avx2.ConvertToVector256Int16(first);
        var cb = Avx2.ConvertToVector256Int16(second) - Vector256.Create((short)128);
        var cr = Avx2.ConvertToVector256Int16(third) - Vector256.Create((short)128);
        var (twiceCb, twiceCr) = (cb + cb, cr + cr);
        var red = y + cr + Part(twiceCr, YccFactors.RedOfCr - One);
        var blue = y + twiceCb + Part(twiceCb, YccFactors.BlueOfCb - (2 * One));
        var green = y - cr + Avx2.PackSignedSaturate(Green(Avx2.UnpackLow(cb, cr)), Green(Avx2.UnpackHigh(cb, cr)));
        first = Bytes(red);
        second = Bytes(green);
        third = Bytes(blue);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Part(Vector256<short> twice, short factor) =>
        (Avx2.MultiplyHigh(twice, Vector256.Create(factor)) + Vector256<short>.One) >> 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Green(Vector256<short> differences)
    {
        var factors = Vector256.Create((YccFactors.GreenOfCb & 0xFFFF) | ((YccFactors.GreenOfCr + One) << 16)).AsInt16();
        return (Avx2.MultiplyAddAdjacent(differences, factors) + Vector256.Create(YccFactors.Half)) >> YccFactors.Bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Bytes(Vector256<short> values) => Sse2.PackUnsignedSaturate(values.GetLower(), values.GetUpper());
}
