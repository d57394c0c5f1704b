using TransferKit.Graph;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Rewrites;

/// <summary>
/// Replaces <c>relu6(x + 3) * (1 / 6)</c>, three layers in Keras' MobileNetV3, with one hard sigmoid. ONNX Runtime fuses that with
/// the convolution before it.
/// </summary>
internal sealed class HardSigmoidFold : IRewrite
{
    public void Apply(LoweredGraph graph)
    {
        foreach (var step in graph.Steps.ToArray())
        {
            if (step is not { Op: MultiplyConstant { Constant: 1.0 / 6 }, Input: { Op: ReLU { MaxValue: 6, IsPlain: true } } clipped }
                || clipped.Input is not { Op: AddConstant { Constant: 3 } } shifted
                || !graph.FeedsOnly(clipped, step) || !graph.FeedsOnly(shifted, clipped))
            {
                continue;
            }

            step.Op = new Activation(ActivationKind.HardSigmoid);
            step.Inputs[0] = shifted.Input;
            graph.Steps.Remove(clipped);
            graph.Steps.Remove(shifted);
        }
    }
}
