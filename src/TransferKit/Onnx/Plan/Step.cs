using System.Collections.Immutable;
using TransferKit.Graph;
using TransferKit.Onnx.Tensors;

namespace TransferKit.Onnx.Plan;

/// <summary>
/// One primitive operation of a model: a Keras layer or a part of one, such as a convolution without its activation. Rewrites may
/// have folded other steps into it.
/// </summary>
internal sealed class Step
{
    public Step(
        Layer layer, LayerOp op, ImmutableArray<WeightSlot> weights, string nodeName, string valueName, params ReadOnlySpan<Step> inputs)
    {
        var shapes = new Shape[inputs.Length];
        for (var i = 0; i < shapes.Length; i++)
            shapes[i] = inputs[i].OutputShape;
        (Layer, Op, Weights, NodeName, ValueName, Inputs) = (layer, op, weights, nodeName, valueName, [.. inputs]);
        OutputShape = op.Infer(shapes);
    }

    /// <summary>The Keras layer that owns the weights.</summary>
    public Layer Layer { get; }

    public LayerOp Op { get; set; }
    public ImmutableArray<WeightSlot> Weights { get; }
    public Shape OutputShape { get; set; }

    /// <summary>The name of the step's node in the file.</summary>
    public string NodeName { get; }

    /// <summary>The name of the Keras layer whose output this is. It changes when later layers are folded into this step.</summary>
    public string ValueName { get; set; }

    public List<Step> Inputs { get; }
    public Step Input => Inputs[0];

    /// <summary>The zero padding of a folded ZeroPadding2D.</summary>
    public Edges Padding { get; set; }

    /// <summary>Whether max pooling must include those zeros, because its input may be negative.</summary>
    public bool SeesPadding { get; set; }

    /// <summary>The scalings of the output's channels that are folded into the weights, in order.</summary>
    public ImmutableArray<ChannelScaling> Scalings { get; set; } = [];

    public WeightSlot? Weight(string kind) => Weights.FirstOrDefault(w => w.Kind == kind);

    public override string ToString() => $"{NodeName} ({Op.TypeName}) {OutputShape}";
}
