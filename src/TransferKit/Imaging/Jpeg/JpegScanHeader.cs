using System.Runtime.CompilerServices;

namespace TransferKit.Imaging.Jpeg;

/// <summary>What a scan says of itself: whose coefficients it brings, which of them, and which of their bits.</summary>
internal readonly record struct JpegScanHeader
{
    /// <summary>The first of its components, which follow one another.</summary>
    public required int FirstComponent { get; init; }

    public required int Components { get; init; }

    /// <summary>First coefficient, in zigzag order (Ss).</summary>
    public required int First { get; init; }

    /// <summary>Last coefficient (Se).</summary>
    public required int Last { get; init; }

    /// <summary>How many low bits the scan before left out, zero for none before (Ah).</summary>
    public required int HighBit { get; init; }

    /// <summary>How many low bits this scan leaves out (Al).</summary>
    public required int LowBit { get; init; }

    /// <summary>The number of a component's tables, DC above AC, four bits each.</summary>
    public required JpegTableNumbers Tables { get; init; }
}

/// <summary>A number for each component of a scan.</summary>
[InlineArray(3)]
internal struct JpegTableNumbers
{
    private byte _first;
}
