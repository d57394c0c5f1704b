using TransferKit.Graph;

namespace TransferKit.Onnx.Float16;

/// <summary>A <see cref="Dense"/> over a vector whose kernel stays 16-bit floats, with its bias.</summary>
internal sealed record Float16Dense(int Units) : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => Shape.Vector(Units);
}
