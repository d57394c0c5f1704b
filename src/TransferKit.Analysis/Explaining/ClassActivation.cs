using TransferKit.Graph;

namespace TransferKit.Analysis.Explaining;

/// <summary>
/// Represents a network whose head is applied to each place of the last map, instead of to the mean of all. Heads that are affine commute
/// with the mean, so the mean of the result is the network's own score before its activation.
/// </summary>
/// <param name="Graph">The network.</param>
/// <param name="Map">Its output: a map with a channel for each score.</param>
/// <param name="ScoreActivation">The activation of the network's last layer; null for none.</param>
internal sealed record ClassActivation(LayerGraph Graph, Layer Map, ActivationKind? ScoreActivation)
{
    /// <summary>Returns the network of a classifier; null if its head is not affine, or follows no global average pooling.</summary>
    public static ClassActivation? Of(LayerGraph graph)
    {
        var (head, at, activation) = (new Stack<Layer>(), graph.Output, (ActivationKind?)null);
        for (; at.Op is not GlobalAveragePooling2D; at = at.Inputs[0])
        {
            if (at.Inputs.Length != 1)
                return null;
            if (ActivationOf(at.Op) is { } kind)
            {
                // Only the last layer with weights may have an activation, and only a monotone one of all scores.
                if (head.Count > 0 || activation is not null || kind is not (ActivationKind.Softmax or ActivationKind.Sigmoid))
                    return null;
                activation = kind;
            }
            switch (at.Op)
            {
                case Dense or BatchNormalization or Conv2D { Kernel: { Height: 1, Width: 1 }, Groups: 1 }:
                    head.Push(at);
                    break;
                case not (Dropout or Flatten or Reshape or Activation or Softmax or PassThrough { ChangesInTraining: false }):
                    return null;
            }
        }
        if (head.Count == 0)
            return null;
        var map = at.Inputs[0];
        foreach (var layer in head)
            map = new(layer.Name, WithoutActivation(layer.Op), [map]) { SharesWeightsOf = layer.SharesWeightsOf };
        return new(new LayerGraph(graph.Name, map), map, activation);
    }

    public static ActivationKind? ActivationOf(LayerOp op) => op switch
    {
        Dense dense => dense.Activation,
        Conv2D convolution => convolution.Activation,
        Activation activation => activation.Kind,
        Softmax => ActivationKind.Softmax,
        _ => null,
    };

    public static LayerOp WithoutActivation(LayerOp op) => op switch
    {
        Dense dense => dense with { Activation = null },
        Conv2D convolution => convolution with { Activation = null },
        _ => op,
    };
}
