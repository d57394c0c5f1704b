using Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Tensors;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Files;

/// <summary>
/// Writes a model as a small file of nodes and a large file of weights, which a session maps into memory instead of
/// reading it.
/// </summary>
internal static class ExternalWeights
{
    // Small tensors stay in the model, because shape inference and constant folding need their values.
    private const int LargestInside = 4096;

    /// <summary>Writes the weights to <paramref name="data"/>. The returned model refers to it as <paramref name="location"/>.</summary>
    public static ModelProto Write(OnnxModel model, IWeightSource weights, Stream data, string location, CancellationToken cancellation)
    {
        var proto = model.Proto.Clone();
        var file = new ExternalFile(data, location);
        var sink = new StreamSink(data, cancellation);
        foreach (var tensor in model.Weights)
        {
            var header = tensor.Header();
            if (tensor.Bytes <= LargestInside)
                header.RawData = tensor.ToBytes(weights, cancellation);
            else
                file.Add(header, tensor.Bytes, () => tensor.Write(weights, sink));
            proto.Graph.Initializer.Add(header);
        }
        return proto;
    }
}
