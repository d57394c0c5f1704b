using Google.Protobuf;
using Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Tensors;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Files;

/// <summary>
/// Writes a model with its weights in one file, one tensor at a time. The lengths of all messages are computed first, so the whole
/// message is never in memory.
/// </summary>
internal static class EmbeddedWeights
{
    /// <summary>The largest size of a protobuf message.</summary>
    public const long LargestFile = int.MaxValue;

    private static readonly uint GraphTag = Tag(ModelProto.GraphFieldNumber);
    private static readonly uint InitializerTag = Tag(GraphProto.InitializerFieldNumber);
    private static readonly uint RawDataTag = Tag(TensorProto.RawDataFieldNumber);

    public static long SizeOf(OnnxModel model)
    {
        var graph = GraphSize(model);
        return Shell(model).CalculateSize() + Prefix(GraphTag, graph) + graph;
    }

    public static void Write(OnnxModel model, IWeightSource weights, Stream stream, CancellationToken cancellation)
    {
        using var output = new CodedOutputStream(stream, leaveOpen: true);
        Shell(model).WriteTo(output);
        output.WriteTag(GraphTag);
        output.WriteLength(checked((int)GraphSize(model)));
        model.Proto.Graph.WriteTo(output);
        var sink = new StreamSink(stream, cancellation);
        foreach (var tensor in model.Weights)
        {
            var header = tensor.Header();
            output.WriteTag(InitializerTag);
            output.WriteLength(checked((int)TensorSize(tensor)));
            header.WriteTo(output);
            output.WriteTag(RawDataTag);
            output.WriteLength(checked((int)tensor.Bytes));
            output.Flush();
            tensor.Write(weights, sink);
        }
    }

    private static ModelProto Shell(OnnxModel model)
    {
        var shell = model.Proto.Clone();
        shell.Graph = null;
        return shell;
    }

    private static long GraphSize(OnnxModel model) => model.Proto.Graph.CalculateSize()
        + model.Weights.Sum(t => Prefix(InitializerTag, TensorSize(t)) + TensorSize(t));

    private static long TensorSize(WeightTensor tensor) =>
        tensor.Header().CalculateSize() + Prefix(RawDataTag, tensor.Bytes) + tensor.Bytes;

    private static uint Tag(int field) => WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited);

    private static long Prefix(uint tag, long length) =>
        CodedOutputStream.ComputeUInt32Size(tag) + CodedOutputStream.ComputeUInt64Size((ulong)length);
}
