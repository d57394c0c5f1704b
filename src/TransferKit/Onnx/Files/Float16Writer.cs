using Google.Protobuf.Collections;
using Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Tensors;

namespace TransferKit.Onnx.Files;

/// <summary>
/// Stores the kernels of a float model as halves, each followed by a <c>Cast</c> to float. The file is half as large and has standard
/// operators only. An engine computes in floats and casts once, when it loads the model.
/// </summary>
internal static class Float16Writer
{
    // Smaller tensors would hardly make the file smaller.
    private const int LeastWeights = 1024;

    public static OnnxModel Apply(OnnxModel model)
    {
        var proto = model.Proto.Clone();
        var casts = new RepeatedField<NodeProto>();
        var weights = model.Weights;
        foreach (var floats in model.Weights.Where(w => w.Dimensions.Length > 1 && w.Count >= LeastWeights))
        {
            var halves = new Float16Tensor($"{floats.Name}/float16", floats, model.Name);
            weights = weights.Replace(floats, halves);
            casts.Add(new NodeProto
            {
                OpType = "Cast",
                Name = $"{floats.Name}/cast",
                Input = { halves.Name },
                Output = { floats.Name },
                Attribute = { GraphWriter.Attribute("to", (long)TensorProto.Types.DataType.Float) },
            });
        }
        casts.Add(proto.Graph.Node);
        proto.Graph.Node.Clear();
        proto.Graph.Node.Add(casts);
        return model with { Proto = proto, Weights = weights };
    }
}
