using TransferKit.Graph;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Rewrites;

/// <summary>
/// Moves a ZeroPadding2D into the convolution or max pooling that alone reads it. Max pooling pads with minus infinity, which equals
/// zeros only if the input is never negative. Otherwise <see cref="Step.SeesPadding"/> corrects the edges.
/// </summary>
/// <remarks>
/// ONNX Runtime 1.31 itself merges Pad into MaxPool and loses the zeros, so a separate Pad would give wrong numbers too.
/// </remarks>
internal sealed class PaddingFold : IRewrite
{
    public void Apply(LoweredGraph graph)
    {
        foreach (var step in graph.Steps.ToArray())
        {
            if (step.Op is not ZeroPadding2D { Padding: var edges } || graph.IsWanted(step))
                continue;
            var consumers = graph.Consumers(step).ToArray();
            if (consumers is not [var consumer] || !Takes(consumer, edges))
                continue;
            consumer.Padding = edges;
            consumer.SeesPadding = consumer.Op is MaxPooling2D && !IsNeverNegative(step.Input);
            consumer.Inputs[0] = step.Input;
            graph.Steps.Remove(step);
        }
    }

    private static bool Takes(Step window, Edges edges) => window.Op switch
    {
        Conv2D { Padding: Padding.Valid } or DepthwiseConv2D { Padding: Padding.Valid } => true,
        MaxPooling2D { Padding: Padding.Valid, Pool: var pool } =>
            Math.Max(edges.Top, edges.Bottom) < pool.Height && Math.Max(edges.Left, edges.Right) < pool.Width,
        _ => false,
    };

    private static bool IsNeverNegative(Step step) => step.Op switch
    {
        ReLU { NegativeSlope: 0 } or Activation { Kind: ActivationKind.Relu or ActivationKind.Relu6 or ActivationKind.Sigmoid } => true,
        ZeroPadding2D or Cropping2D or Pooling2D or Concatenate or Graph.Add => step.Inputs.All(IsNeverNegative),
        _ => false,
    };
}
