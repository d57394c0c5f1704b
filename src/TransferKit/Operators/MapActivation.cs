namespace TransferKit.Operators;

/// <summary>The kinds of <see cref="MapActivation"/>.</summary>
internal enum MapActivationKind
{
    /// <summary>The number itself.</summary>
    None,

    /// <summary>The number, but not less and not more than two bounds; ReLU is one.</summary>
    Clip,

    /// <summary>The number times its logistic function.</summary>
    Swish,

    /// <summary>The number times a line that is clipped to 0 and 1.</summary>
    HardSwish,
}

/// <summary>A function that an operator applies to each number of a map.</summary>
/// <param name="Kind">The function.</param>
/// <param name="First">
/// The lower bound of <see cref="MapActivationKind.Clip"/>; the slope of <see cref="MapActivationKind.HardSwish"/>.
/// </param>
/// <param name="Second">The upper bound; the line's value at 0.</param>
internal readonly record struct MapActivation(MapActivationKind Kind, float First = 0, float Second = 0);

/// <summary>
/// Computes one kind of <see cref="MapActivation"/> of a vector. Where a number is not a number, neither is the result. The code for each
/// kind is compiled separately.
/// </summary>
internal interface IMapActivation
{
    static abstract TVector Of<T, TVector>(in MapActivation activation, TVector value)
        where T : IVectors<TVector>
        where TVector : unmanaged;
}
