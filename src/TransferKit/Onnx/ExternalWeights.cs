using Google.Protobuf;
using Onnx;
using TransferKit.Onnx.Tensors;
using TransferKit.WeightSources;

namespace TransferKit.Onnx;

/// <summary>
/// Writes a model as a small file of nodes and a large one of weights, which a session maps into memory instead of
/// reading it.
/// </summary>
internal static class ExternalWeights
{
    // Small tensors are read whole, and shape inference and constant folding want to see them.
    private const int LargestInside = 4096;
    private const int CacheLine = 64;

    // A mapping starts at a multiple of Windows' allocation granularity; larger tensors get mappings of their own.
    private const int LargeTensor = 1 << 20;
    private const int MappingGranularity = 1 << 16;

    /// <summary>Writes the weights to <paramref name="data"/>; returns the model that refers to them as <paramref name="location"/>.</summary>
    public static ModelProto Write(OnnxModel model, IWeightSource weights, Stream data, string location, CancellationToken cancellation)
    {
        var proto = model.Proto.Clone();
        var sink = new StreamSink(data, cancellation);
        long position = 0;
        foreach (var tensor in model.Weights)
        {
            var header = tensor.Header();
            if (tensor.Bytes <= LargestInside)
            {
                header.RawData = tensor.ToBytes(weights, cancellation);
            }
            else
            {
                position = Align(data, position, tensor.Bytes >= LargeTensor ? MappingGranularity : CacheLine);
                tensor.Write(weights, sink);
                header.DataLocation = TensorProto.Types.DataLocation.External;
                header.ExternalData.Add(Entry("location", location));
                header.ExternalData.Add(Entry("offset", FormattableString.Invariant($"{position}")));
                header.ExternalData.Add(Entry("length", FormattableString.Invariant($"{tensor.Bytes}")));
                position += tensor.Bytes;
            }
            proto.Graph.Initializer.Add(header);
        }
        return proto;
    }

    private static long Align(Stream data, long position, int alignment)
    {
        var gap = (int)((alignment - position % alignment) % alignment);
        data.Write(new byte[gap]);
        return position + gap;
    }

    private static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };
}
