using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Onnx.Plan;

/// <summary>
/// Lowers Keras' layers to primitive steps. An activation inside a layer becomes a separate step, a separable convolution two
/// convolutions, and a Sequential its parts. Layers that only pass their input through, or that no requested output needs, are left out.
/// </summary>
internal sealed class Lowering
{
    private readonly List<Step> _steps = [];
    private readonly Dictionary<Layer, Step> _made = [];

    public static LoweredGraph Lower(LayerGraph graph, IReadOnlyList<Layer> outputs)
    {
        var lowering = new Lowering();
        foreach (var layer in graph.Upstream(outputs))
            lowering._made[layer] = lowering.Lower(layer);
        return new LoweredGraph { Steps = lowering._steps, Outputs = [.. outputs.Select(o => (o, lowering._made[o]))] };
    }

    private Step Lower(Layer layer)
    {
        var parts = new List<(LayerOp Op, ImmutableArray<WeightSlot> Weights)>();
        Split(layer.Op, layer.Weights, layer.Inputs.IsEmpty ? layer.OutputShape : layer.Inputs[0].OutputShape, parts);
        if (parts.Count == 0)
            return _made[layer.Inputs[0]];

        Step[] inputs = [.. layer.Inputs.Select(i => _made[i])];
        for (var i = 0; i < parts.Count; i++)
        {
            var (op, weights) = parts[i];
            var nodeName = i == 0 ? layer.Name : $"{layer.Name}/{op.AutoName}";
            var valueName = i == parts.Count - 1 ? layer.Name : $"{layer.Name}/{op.AutoName}_output";
            var step = new Step(layer, op, weights, nodeName, valueName, inputs);
            _steps.Add(step);
            inputs = [step];
        }
        return inputs[0];
    }

    private static void Split(
        LayerOp op, ImmutableArray<WeightSlot> weights, Shape input, List<(LayerOp, ImmutableArray<WeightSlot>)> parts)
    {
        switch (op)
        {
            case Sequential sequential:
                foreach (var step in sequential.Steps)
                {
                    var own = step.Weights(input).Length;
                    Split(step, weights[..own], input, parts);
                    (weights, input) = (weights[own..], step.Infer([input]));
                }
                break;
            case SeparableConv2D separable:
                parts.Add((new DepthwiseConv2D(separable.Kernel, separable.Strides, separable.Padding)
                {
                    DepthMultiplier = separable.DepthMultiplier,
                    Dilation = separable.Dilation,
                    UseBias = false,
                }, weights[..1]));
                parts.Add((new Conv2D(separable.Filters, 1, 1, Padding.Valid) { UseBias = separable.UseBias }, weights[1..]));
                Activate(separable.Activation);
                break;
            case Conv2D conv:
                parts.Add((conv with { Activation = null }, weights));
                Activate(conv.Activation);
                break;
            case DepthwiseConv2D conv:
                parts.Add((conv with { Activation = null }, weights));
                Activate(conv.Activation);
                break;
            case Dense dense:
                parts.Add((dense with { Activation = null }, weights));
                Activate(dense.Activation);
                break;
            case Conv2DTranspose conv:
                parts.Add((conv with { Activation = null }, weights));
                Activate(conv.Activation);
                break;
            case Activation activation:
                Activate(activation.Kind);
                break;
            case Softmax:
                Activate(ActivationKind.Softmax);
                break;
            case CenterCrop crop:
                parts.Add((new Cropping2D(crop.EdgesOf(input)), []));
                break;
            case Dropout or PassThrough:
                break;
            default:
                parts.Add((op, weights));
                break;
        }

        void Activate(ActivationKind? kind)
        {
            if (kind is not (null or ActivationKind.Linear))
                parts.Add((new Activation(kind), []));
        }
    }
}
