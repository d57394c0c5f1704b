using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>Several operations that Keras holds as one layer, so that its files and tables show one (ConvNeXt's stem).</summary>
internal sealed record Sequential(ImmutableArray<LayerOp> Steps) : LayerOp
{
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
