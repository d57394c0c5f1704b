using Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Operators;
using static Onnx.TensorProto.Types;

namespace TransferKit.Onnx.Rewrites;

/// <summary>Turns nodes of a model that ONNX Runtime has optimised into those of our operators.</summary>
internal static class CustomNodes
{
    /// <summary>The domain of ONNX Runtime's operators on blocks.</summary>
    public const string Blocked = "com.microsoft.nchwc";

    /// <summary>The domain of ONNX Runtime's other operators.</summary>
    public const string Microsoft = "com.microsoft";

    /// <summary>Returns the dimensions of the values whose shapes the optimiser knows, 0 where it does not know one.</summary>
    public static Dictionary<string, long[]> Shapes(GraphProto graph) =>
        graph.ValueInfo
            .Where(v => v.Type?.TensorType?.Shape is not null)
            .ToDictionary(v => v.Name, v => v.Type.TensorType.Shape.Dim.Select(d => d.DimValue).ToArray());

    /// <summary>
    /// Returns the dimensions of what each convolution on blocks computes, without the channels that fill a block, by the name of its node.
    /// </summary>
    // ONNX Runtime writes no shapes for blocked values, but names each convolution after its original, unblocked value.
    public static Dictionary<string, long[]> ShapesOfConvolutions(GraphProto graph) =>
        Shapes(graph).ToDictionary(s => s.Key + "_nchwc", s => s.Value);

    /// <summary>Makes a node one of ours with these attributes.</summary>
    public static void Become(this NodeProto node, string name, IReadOnlyList<string> attributes, IReadOnlyList<long> values)
    {
        (node.Domain, node.OpType) = (CustomOperators.Domain, name);
        node.Attribute.Clear();
        foreach (var (attribute, value) in attributes.Zip(values))
            node.Attribute.Add(GraphWriter.Attribute(attribute, value));
    }

    /// <summary>Adds a bias of zeros to a convolution without one, because our operators need it.</summary>
    public static void AddMissingBias(GraphProto graph, NodeProto node, TensorProto kernel)
    {
        if (node.Input.Count > 2)
            return;
        var bias = new TensorProto { Name = $"{kernel.Name}/no bias", DataType = (int)DataType.Float, Dims = { kernel.Dims[0] } };
        bias.FloatData.AddRange(new float[kernel.Dims[0]]);
        graph.Initializer.Add(bias);
        node.Input.Add(bias.Name);
    }
}
