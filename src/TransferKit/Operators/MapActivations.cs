using System.Runtime.CompilerServices;

namespace TransferKit.Operators;

/// <summary>Computes <see cref="MapActivationKind.None"/>.</summary>
internal readonly struct NoActivation : IMapActivation
{
    public static TVector Of<T, TVector>(in MapActivation activation, TVector value)
        where T : IVectors<TVector>
        where TVector : unmanaged => value;
}

/// <summary>Computes <see cref="MapActivationKind.Clip"/>.</summary>
internal readonly struct ClipActivation : IMapActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<T, TVector>(in MapActivation activation, TVector value)
        where T : IVectors<TVector>
        where TVector : unmanaged =>
        T.AtMost(T.Create(activation.Second), T.AtLeast(T.Create(activation.First), value));
}

/// <summary>Computes <see cref="MapActivationKind.HardSwish"/>.</summary>
internal readonly struct HardSwishActivation : IMapActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<T, TVector>(in MapActivation activation, TVector value)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        var line = T.Sum(T.Create(activation.First), value, T.Create(activation.Second));
        return T.Multiply(value, T.AtMost(T.Create(1), T.AtLeast(T.Create(0), line)));
    }
}

/// <summary>Computes <see cref="MapActivationKind.Swish"/>.</summary>
internal readonly struct SwishActivation : IMapActivation
{
    // The exponential of this number is near the largest float.
    private const float LargestExponent = 88;

    // Adding and subtracting this number rounds to a whole number, which is then in the lowest bits, with a float's bias of exponents.
    private const float Rounding = 1.5f * (1 << 23) + 127;
    private const int MantissaBits = 23;

    // The logarithm of 2 in two parts, of which the first has so few bits that its products are exact.
    private const float LargeLog2 = 0.693359375f;
    private const float SmallLog2 = -2.12194440e-4f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<T, TVector>(in MapActivation activation, TVector value)
        where T : IVectors<TVector>
        where TVector : unmanaged =>
        T.Divide(value, T.Add(T.Create(1), Exponential<T, TVector>(T.Multiply(T.Create(-1), value))));

    // A power of two times the exponential of a rest that is at most half of the logarithm of 2, by the polynomial of Cephes' expf.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Exponential<T, TVector>(TVector value)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        value = T.AtMost(T.Create(LargestExponent), T.AtLeast(T.Create(1 - LargestExponent), value));
        var shifted = T.Sum(T.Create(1.44269504f), value, T.Create(Rounding));
        var whole = T.Subtract(shifted, T.Create(Rounding));
        var rest = T.Sum(T.Create(-SmallLog2), whole, T.Sum(T.Create(-LargeLog2), whole, value));
        var sum = T.Sum(T.Create(1.9875691500e-4f), rest, T.Create(1.3981999507e-3f));
        sum = T.Sum(sum, rest, T.Create(8.3334519073e-3f));
        sum = T.Sum(sum, rest, T.Create(4.1665795894e-2f));
        sum = T.Sum(sum, rest, T.Create(1.6666665459e-1f));
        sum = T.Sum(sum, rest, T.Create(5.0000001201e-1f));
        sum = T.Sum(T.Multiply(sum, rest), rest, T.Add(rest, T.Create(1)));
        return T.Multiply(sum, T.ShiftBits(shifted, MantissaBits));
    }
}
