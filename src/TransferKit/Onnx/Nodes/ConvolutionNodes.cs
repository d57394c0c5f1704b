using System.Collections.Immutable;
using TransferKit.Graph;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Tensors;

namespace TransferKit.Onnx.Nodes;

internal static class ConvolutionNodes
{
    public static Layout Write(GraphWriter writer, Step step, Conv2D op) => Write(
        writer, step, op.Kernel, op.Strides, op.Padding, op.Dilation, op.Groups,
        step.Weight("kernel") ?? step.Weight("pointwise_kernel")!, step.Input.OutputShape.Channels / op.Groups);

    public static Layout Write(GraphWriter writer, Step step, DepthwiseConv2D op) => Write(
        writer, step, op.Kernel, op.Strides, op.Padding, op.Dilation, step.Input.OutputShape.Channels,
        step.Weight("depthwise_kernel")!, 1);

    private static Layout Write(
        GraphWriter writer, Step step, Extent kernel, Extent strides, Padding padding, Extent dilation, int groups,
        WeightSlot slot, int inputsOfGroup)
    {
        var channels = step.OutputShape.Channels;
        var inputs = ImmutableArray.CreateBuilder<string>(3);
        inputs.Add(writer.Value(step.Input, Layout.ChannelsFirst));
        inputs.Add(writer.Weight(new KernelTensor(
            $"{step.Layer.Name}/{slot.Kind}", step.Layer, slot, inputsOfGroup, channels, step.Scalings)));
        var bias = step.Weight("bias");
        if (bias is not null || !step.Scalings.IsEmpty)
            inputs.Add(writer.Weight(new BiasTensor($"{step.Layer.Name}/bias", channels, step.Layer, bias, step.Scalings)));
        writer.Node("Conv", step, inputs.ToArray(),
            ("kernel_shape", Windows.Long(kernel)), ("strides", Windows.Long(strides)), ("dilations", Windows.Long(dilation)),
            ("pads", Windows.Pads(step, kernel, strides, padding, dilation)), ("group", (long)groups));
        return Layout.ChannelsFirst;
    }

    /// <summary>Writes crops as pads, which ONNX takes off the full product, and added places as output padding.</summary>
    public static Layout Write(GraphWriter writer, Step step, Conv2DTranspose op)
    {
        var (channels, slot, bias) = (step.OutputShape.Channels, step.Weight("kernel")!, step.Weight("bias"));
        var (rows, columns) = op.Sides;
        // Keras' kernel is height, width, out, in, which is a convolution's kernel with the channels exchanged.
        var kernel = writer.Weight(new KernelTensor(
            $"{step.Layer.Name}/{slot.Kind}", step.Layer, slot, channels, step.Input.OutputShape.Channels, []));
        string[] inputs = [writer.Value(step.Input, Layout.ChannelsFirst), kernel];
        if (bias is not null)
            inputs = [.. inputs, writer.Weight(new BiasTensor($"{step.Layer.Name}/bias", channels, step.Layer, bias, []))];
        writer.Node("ConvTranspose", step, inputs,
            ("kernel_shape", Windows.Long(op.Kernel)), ("strides", Windows.Long(op.Strides)), ("dilations", Windows.Long(op.Dilation)),
            ("pads", (long[])[Math.Max(rows.Before, 0), Math.Max(columns.Before, 0), Math.Max(rows.After, 0), Math.Max(columns.After, 0)]),
            ("output_padding", (long[])[Math.Max(-rows.After, 0), Math.Max(-columns.After, 0)]));
        return Layout.ChannelsFirst;
    }
}
