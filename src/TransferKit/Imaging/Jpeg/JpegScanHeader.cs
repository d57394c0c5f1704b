using System.Runtime.CompilerServices;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Represents the header of a scan: its components, its range of coefficients, and its bits of them.</summary>
internal readonly record struct JpegScanHeader
{
    /// <summary>Gets the index of the first component; the others follow it.</summary>
    public required int FirstComponent { get; init; }

    public required int Components { get; init; }

    /// <summary>Gets the first coefficient, in zigzag order (Ss).</summary>
    public required int First { get; init; }

    /// <summary>Gets the last coefficient (Se).</summary>
    public required int Last { get; init; }

    /// <summary>Gets the number of low bits that the preceding scan omitted, or zero for a first scan (Ah).</summary>
    public required int HighBit { get; init; }

    /// <summary>Gets the number of low bits that this scan omits (Al).</summary>
    public required int LowBit { get; init; }

    /// <summary>Gets a mask with a bit for each coefficient of the scan, in zigzag order.</summary>
    public ulong Band => (2UL << Last) - (1UL << First);

    /// <summary>Gets the table numbers of each component, DC in the upper four bits and AC in the lower.</summary>
    public required JpegTableNumbers Tables { get; init; }
}

/// <summary>Represents a number for each component of a scan.</summary>
[InlineArray(3)]
internal struct JpegTableNumbers
{
    private byte _first;
}
