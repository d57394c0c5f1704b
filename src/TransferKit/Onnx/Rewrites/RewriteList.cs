using System.Collections.Immutable;

namespace TransferKit.Onnx.Rewrites;

/// <summary>
/// Lists the rewrites in the order in which they are applied. Scalings come first: a normalisation between a padding and a convolution
/// would hide the one from the other.
/// </summary>
internal static class RewriteList
{
    public static ImmutableArray<IRewrite> All { get; } =
        [new ScalingFold(), new PaddingFold(), new PooledReshape(), new HardSigmoidFold()];
}
