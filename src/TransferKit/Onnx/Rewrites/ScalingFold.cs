using TransferKit.Graph;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Tensors;

namespace TransferKit.Onnx.Rewrites;

/// <summary>
/// Moves a scaling of channels into the weights of the linear layer before it, where nothing else sees that layer's
/// output: batch normalisation and layer scale vanish, Inception-ResNet's scaled sum becomes a plain one.
/// </summary>
internal static class ScalingFold
{
    public static void Apply(LoweredGraph plan)
    {
        foreach (var step in plan.Steps.ToArray())
        {
            switch (step.Op)
            {
                case BatchNormalization op when Takes(plan, step.Input, step):
                    Fold(step.Input, new ChannelScaling.Normalised(step.Layer, op));
                    plan.Replace(step, step.Input);
                    break;
                case LayerScale when Takes(plan, step.Input, step):
                    Fold(step.Input, new ChannelScaling.Scaled(step.Layer));
                    plan.Replace(step, step.Input);
                    break;
                case CustomScaleLayer op when step.Inputs[0] != step.Inputs[1] && Takes(plan, step.Inputs[1], step):
                    Fold(step.Inputs[1], new ChannelScaling.Constant(op.Scale));
                    step.Inputs[1].ValueName += "/scaled";
                    step.Op = new Add();
                    break;
            }
        }
    }

    private static bool Takes(LoweredGraph plan, Step linear, Step scaling) =>
        linear.Op is Conv2D or DepthwiseConv2D or Dense && plan.FeedsOnly(linear, scaling);

    private static void Fold(Step linear, ChannelScaling scaling) => linear.Scalings = linear.Scalings.Add(scaling);
}
