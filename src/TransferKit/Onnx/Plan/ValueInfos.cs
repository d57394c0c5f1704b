using Onnx;

namespace TransferKit.Onnx.Plan;

/// <summary>Creates the types of a model's values: a batch of any size with fixed dimensions.</summary>
internal static class ValueInfos
{
    public static ValueInfoProto Tensor(string name, params ReadOnlySpan<int> dimensions) =>
        Tensor(name, TensorProto.Types.DataType.Float, dimensions);

    public static ValueInfoProto Tensor(string name, TensorProto.Types.DataType type, params ReadOnlySpan<int> dimensions)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "n" } } };
        foreach (var dimension in dimensions)
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = dimension });
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = shape } } };
    }
}
