using Onnx;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Nodes;

/// <summary>Writes the model's input and, for pixels, the preprocessing.</summary>
internal static class InputNodes
{
    private static readonly float[] CaffeMean = [103.939f, 116.779f, 123.68f];
    private static readonly float[] TorchMean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] TorchDeviation = [0.229f, 0.224f, 0.225f];

    public static Layout Write(GraphWriter writer, Step step, InputForm form)
    {
        var shape = step.OutputShape;
        if (form is not InputForm.PixelForm pixels)
        {
            writer.Graph.Input.Add(ValueInfos.Tensor(step.ValueName, shape.Channels, shape.Height, shape.Width));
            return Layout.ChannelsFirst;
        }

        var isByte = pixels.Type == PixelType.Byte;
        writer.Graph.Input.Add(ValueInfos.Tensor(
            "pixels", isByte ? TensorProto.Types.DataType.Uint8 : TensorProto.Types.DataType.Float,
            shape.Height, shape.Width, shape.Channels));
        // The transposition comes before the cast, because bytes need a quarter of the floats' memory traffic.
        writer.Transpose("pixels/nchw", "pixels", Layout.ChannelsFirst);
        var x = "pixels/nchw";
        if (isByte)
            writer.Node("Cast", "pixels/float", x = "pixels/float", ["pixels/nchw"], ("to", (long)TensorProto.Types.DataType.Float));
        switch (pixels.Preprocess)
        {
            case PreprocessMode.Caffe:
                x = writer.Part("Gather", step, "bgr", [x, writer.Constant("preprocess/bgr", [2, 1, 0])], ("axis", 1L));
                writer.Node("Sub", step, [x, Channels(writer, "preprocess/mean", CaffeMean)]);
                break;
            case PreprocessMode.Tf:
                x = writer.Part("Div", step, "scaled", [x, writer.Scalar(127.5)]);
                writer.Node("Sub", step, [x, writer.Scalar(1)]);
                break;
            case PreprocessMode.Torch:
                x = writer.Part("Div", step, "scaled", [x, writer.Scalar(255)]);
                x = writer.Part("Sub", step, "centered", [x, Channels(writer, "preprocess/mean", TorchMean)]);
                writer.Node("Div", step, [x, Channels(writer, "preprocess/deviation", TorchDeviation)]);
                break;
            default:
                writer.Node("Identity", step, [x]);
                break;
        }
        return Layout.ChannelsFirst;
    }

    private static string Channels(GraphWriter writer, string name, float[] values) => writer.Constant(name, [3, 1, 1], values);
}
