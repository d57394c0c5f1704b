using TransferKit.Graph;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Tensors;

namespace TransferKit.Onnx.Rewrites;

/// <summary>
/// Folds a scaling of channels into the weights of the linear layer before it, if nothing else reads that layer's output. Batch
/// normalisations and layer scales disappear, and Inception-ResNet's scaled sum becomes a plain sum.
/// </summary>
internal sealed class ScalingFold : IRewrite
{
    public void Apply(LoweredGraph graph)
    {
        foreach (var step in graph.Steps.ToArray())
        {
            switch (step.Op)
            {
                case BatchNormalization op when Takes(graph, step.Input, step):
                    Fold(step.Input, new ChannelScaling.Normalised(step.Layer, op));
                    graph.Replace(step, step.Input);
                    break;
                case LayerScale when Takes(graph, step.Input, step):
                    Fold(step.Input, new ChannelScaling.Scaled(step.Layer));
                    graph.Replace(step, step.Input);
                    break;
                case CustomScaleLayer op when step.Inputs[0] != step.Inputs[1] && Takes(graph, step.Inputs[1], step):
                    Fold(step.Inputs[1], new ChannelScaling.Constant(op.Scale));
                    step.Inputs[1].ValueName += "/scaled";
                    step.Op = new Add();
                    break;
            }
        }
    }

    private static bool Takes(LoweredGraph graph, Step linear, Step scaling) =>
        linear.Op is Conv2D or DepthwiseConv2D or Dense && graph.FeedsOnly(linear, scaling);

    private static void Fold(Step linear, ChannelScaling scaling) => linear.Scalings = linear.Scalings.Add(scaling);
}
