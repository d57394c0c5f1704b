using System.Collections.Immutable;
using static Onnx.TensorProto.Types;

namespace TransferKit.Onnx.Reading;

/// <summary>Represents a value of a model that becomes an output.</summary>
/// <param name="Name">The name of the value in the file.</param>
/// <param name="Type">The type of its numbers.</param>
/// <param name="Dimensions">The dimensions of one sample.</param>
internal sealed record FileOutput(string Name, DataType Type, ImmutableArray<int> Dimensions)
{
    /// <summary>
    /// Gets the names of the outputs: those that the caller wants, which may be any values of the graph, or else the model's own.
    /// </summary>
    /// <exception cref="UnknownNameException">The model has no value of a name.</exception>
    public static ImmutableArray<string> NamesIn(OnnxFile file, IReadOnlyList<string> wanted)
    {
        var graph = file.Proto.Graph;
        string[] own = [.. graph.Output.Select(o => o.Name)];
        if (wanted.Count == 0)
            return [.. own];
        var values = graph.Node.SelectMany(n => n.Output).Where(v => v.Length > 0).ToHashSet();
        foreach (var name in wanted)
        {
            if (!values.Contains(name))
                throw UnknownNameException.OfOutput(file.Path, name, own, values);
        }
        return [.. wanted];
    }

    /// <summary>Gets the values of which the file declares the type and all dimensions but the batch.</summary>
    /// <remarks>A declaration may be wrong. ONNX Runtime refuses to write an output of other dimensions into the caller's memory.</remarks>
    public static Dictionary<string, FileOutput> DeclaredIn(OnnxFile file)
    {
        var declared = new Dictionary<string, FileOutput>();
        foreach (var value in file.Proto.Graph.Output.Concat(file.Proto.Graph.ValueInfo))
        {
            if (value.Type?.TensorType is { Shape.Dim: { Count: > 0 } dimensions } type
                && dimensions.Skip(1).All(d => d.DimValue is >= 1 and <= int.MaxValue))
            {
                declared[value.Name] = new(value.Name, (DataType)type.ElemType, [.. dimensions.Skip(1).Select(d => (int)d.DimValue)]);
            }
        }
        return declared;
    }
}
