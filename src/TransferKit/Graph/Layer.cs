using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>Represents a named layer of a graph: an operation, its inputs, and the resulting shape and weights.</summary>
internal sealed class Layer
{
    public Layer(string name, LayerOp op, ImmutableArray<Layer> inputs)
    {
        var shapes = inputs.Select(i => i.OutputShape).ToArray();
        (Name, Op, Inputs) = (name, op, inputs);
        try
        {
            OutputShape = op.Infer(shapes);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"layer '{name}' ({op.TypeName}): {e.Message}", e);
        }
        Weights = inputs.IsEmpty ? [] : op.Weights(shapes[0]);
    }

    public string Name { get; }
    public LayerOp Op { get; }
    public ImmutableArray<Layer> Inputs { get; }
    public Shape OutputShape { get; }
    public ImmutableArray<WeightSlot> Weights { get; }

    /// <summary>Gets the layer that this one has its weights from, because Keras called one layer twice; null for most layers.</summary>
    public Layer? SharesWeightsOf { get; init; }

    /// <summary>
    /// Gets whether training changes the layer (Keras: <c>trainable</c>), as the file of a whole model says. Defaults to true.
    /// </summary>
    public bool IsTrainable { get; init; } = true;

    /// <summary>
    /// Gets whether the layer runs in inference mode also in training, because Keras called it or an outer model with
    /// <c>training=False</c>. Defaults to false.
    /// </summary>
    public bool RunsInInference { get; init; }

    /// <summary>Gets the number of parameters that training changes.</summary>
    public long TrainableCount => IsTrainable && SharesWeightsOf is null ? Weights.Where(w => w.Trainable).Sum(w => w.Count) : 0;

    /// <summary>Gets the number of parameters. Shared weights count where they are first used.</summary>
    public long ParameterCount => SharesWeightsOf is null ? Weights.Sum(w => w.Count) : 0;

    public override string ToString() => $"{Name} ({Op.TypeName}) {OutputShape}";
}
