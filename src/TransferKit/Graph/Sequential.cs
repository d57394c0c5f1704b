using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>Represents several operations in one Keras layer, such as ConvNeXt's stem, so that files and tables show one layer.</summary>
internal sealed record Sequential(ImmutableArray<LayerOp> Steps) : LayerOp
{
    /// <summary>Gets Keras' names of the layers inside; empty if they have none.</summary>
    public ImmutableArray<string> StepNames { get; init; } = [];

    /// <summary>Gets the name of a layer inside, made of the outer name where it has none.</summary>
    public string NameOf(int step, string outerName) => StepNames.IsEmpty ? $"{outerName}_{Steps[step].AutoName}_{step}" : StepNames[step];

    public override Shape Infer(ReadOnlySpan<Shape> inputs)
    {
        var shape = inputs[0];
        foreach (var step in Steps)
            shape = step.Infer([shape]);
        return shape;
    }

    public override ImmutableArray<WeightSlot> Weights(Shape input)
    {
        var slots = ImmutableArray.CreateBuilder<WeightSlot>();
        foreach (var step in Steps)
        {
            slots.AddRange(step.Weights(input));
            input = step.Infer([input]);
        }
        return slots.DrainToImmutable();
    }
}
