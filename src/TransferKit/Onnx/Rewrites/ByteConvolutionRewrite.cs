using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Operators;
using static Onnx.TensorProto.Types;

namespace TransferKit.Onnx.Rewrites;

/// <summary>
/// Replaces convolutions of bytes in a model that ONNX Runtime has optimised with <see cref="ByteConvolutionOperator"/>, which computes the
/// same bytes: depthwise ones, and those of an image. ONNX Runtime has turned these models to channels last, and transposes the image for
/// that, which the operator does not need.
/// </summary>
internal static class ByteConvolutionRewrite
{
    // The inputs of QLinearConv, of which the bias may be absent.
    private const int Input = 0, InputScale = 1, InputZero = 2;
    private const int Kernel = 3, KernelScale = 4, KernelZero = 5;
    private const int OutputScale = 6, OutputZero = 7, Bias = 8;

    /// <summary>Rewrites the nodes and returns whether there were any.</summary>
    public static bool Apply(ModelProto model)
    {
        var graph = model.Graph;
        var tensors = graph.Initializer.ToDictionary(t => t.Name);
        var index = new NodeIndex(graph);
        var isRewritten = false;
        foreach (var node in graph.Node.Where(n => Takes(n, tensors)).ToArray())
        {
            var kernel = tensors[node.Input[Kernel]];
            var isDepthwise = kernel.Dims is [>= DepthwiseConvolution.Block, 1, _, _] && node.Whole("group") == kernel.Dims[0];
            if (!isDepthwise)
            {
                var transpose = index.WriterOf(node.Input[Input]);
                if (transpose is not { OpType: "Transpose" } || transpose.Numbers("perm") is not [0, 2, 3, 1] || node.Whole("group") != 1
                    || kernel.Dims is not [>= ImageConvolution.FiltersAtOnce, <= ImageConvolution.MostChannels, _, _]
                    || index.OnlyReaderOf(transpose) is null)
                {
                    continue;
                }
                graph.Node.Remove(transpose);
                node.Input[Input] = transpose.Input[0];
            }
            Rewrite(graph, node, tensors, isDepthwise);
            isRewritten = true;
        }
        if (isRewritten)
            UnusedTensors.Drop(graph);
        return isRewritten;
    }

    private static bool Takes(NodeProto node, Dictionary<string, TensorProto> tensors) =>
        node is { Domain: CustomNodes.Microsoft, OpType: "QLinearConv", Input.Count: Bias or Bias + 1 }
        && node.Whole("channels_last") == 1
        && node.Input.Skip(InputScale).All(name => tensors.TryGetValue(name, out var tensor) && tensor.HasRawData)
        && tensors[node.Input[Kernel]] is
        {
            DataType: (int)DataType.Int8, Dims: [_, _, <= ByteConvolution.Largest, <= ByteConvolution.Largest],
        }
        && node.Numbers("dilations") is [1, 1] && node.Numbers("pads") is [_, _, _, _]
        && node.Numbers("strides") is [<= ByteConvolution.Largest and var down, var across] && down == across
        && tensors[node.Input[InputZero]].DataType == (int)DataType.Uint8
        && tensors[node.Input[OutputZero]].DataType == (int)DataType.Uint8
        && !tensors[node.Input[KernelZero]].RawData.Span.ContainsAnyExcept((byte)0);

    private static void Rewrite(GraphProto graph, NodeProto node, Dictionary<string, TensorProto> tensors, bool isDepthwise)
    {
        var dimensions = tensors[node.Input[Kernel]].Dims;
        var (filters, rows, columns) = ((int)dimensions[0], (int)dimensions[2], (int)dimensions[3]);
        var (stride, zero) = (node.Numbers("strides")[0], Read<byte>(InputZero)[0]);
        var kernel = Read<sbyte>(Kernel);
        var bias = node.Input.Count > Bias ? Read<int>(Bias).ToArray() : new int[filters];
        var factors = new float[filters];
        var scales = Read<float>(KernelScale);
        for (var i = 0; i < filters; i++)
        {
            foreach (var number in kernel.Slice(i * kernel.Length / filters, kernel.Length / filters))
                bias[i] -= zero * number;
            // ONNX Runtime rounds in this order.
            factors[i] = Read<float>(InputScale)[0] * scales[scales.Length == 1 ? 0 : i] / Read<float>(OutputScale)[0];
        }
        var packed = isDepthwise
            ? DepthwiseConvolution.Pack(kernel, filters, columns, (int)stride)
            : ImageConvolution.Pack(kernel, filters, columns);
        if (isDepthwise)
            (bias, factors) = (DepthwiseConvolution.PackChannels<int>(bias), DepthwiseConvolution.PackChannels<float>(factors));
        long[] numbers = [rows, columns, stride, .. node.Numbers("pads"), zero, Read<byte>(OutputZero)[0]];

        node.Become(
            isDepthwise ? ByteConvolutionOperator.Depthwise : ByteConvolutionOperator.OfImage, ByteConvolutionOperator.Attributes, numbers);
        while (node.Input.Count > InputScale)
            node.Input.RemoveAt(InputScale);
        Add("packed", DataType.Int8, packed);
        Add("bias", DataType.Int32, bias);
        Add("factors", DataType.Float, factors);

        ReadOnlySpan<T> Read<T>(int index)
            where T : struct => MemoryMarshal.Cast<byte, T>(tensors[node.Input[index]].RawData.Span);

        void Add<T>(string name, DataType type, T[] values)
            where T : struct
        {
            graph.Initializer.Add(new TensorProto
            {
                Name = $"{node.Output[0]}/{node.OpType}/{name}",
                DataType = (int)type,
                Dims = { values.Length },
                RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
            });
            node.Input.Add(graph.Initializer[^1].Name);
        }
    }
}
