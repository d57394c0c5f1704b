using TransferKit.Graph;

namespace TransferKit.Onnx.Winograd;

/// <summary>A convolution of 3x3, stride 1 and padding "same" with its bias and ReLU, and the halving maximum after it if there is one.</summary>
internal sealed record WinogradConv2D(int Filters, bool IsPooled) : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => IsPooled
        ? Shape.Map(inputs[0].Height / 2, inputs[0].Width / 2, Filters)
        : Shape.Map(inputs[0].Height, inputs[0].Width, Filters);
}
