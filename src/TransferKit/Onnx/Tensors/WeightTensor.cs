using System.Collections.Immutable;
using Google.Protobuf;
using Onnx;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Tensors;

/// <summary>
/// A tensor of a model as a rule: how its numbers follow from Keras' weights. They are computed when the file is written,
/// one tensor at a time.
/// </summary>
internal abstract class WeightTensor(
    string name, ImmutableArray<long> dimensions, TensorProto.Types.DataType type = TensorProto.Types.DataType.Float)
{
    public string Name { get; } = name;
    public ImmutableArray<long> Dimensions { get; } = dimensions;
    public long Count { get; } = dimensions.Aggregate(1L, (product, d) => checked(product * d));
    public long Bytes => Count * type switch
    {
        TensorProto.Types.DataType.Int8 => sizeof(sbyte),
        TensorProto.Types.DataType.Float16 => sizeof(short),
        _ => sizeof(float),
    };

    /// <summary>The rule in words; two tensors with equal rules and equal weights hold equal numbers.</summary>
    public abstract string Recipe { get; }

    public abstract void Write(IWeightSource weights, TensorSink sink);

    /// <summary>Name, type and dimensions, without numbers.</summary>
    public TensorProto Header() => new() { Name = Name, DataType = (int)type, Dims = { Dimensions } };

    /// <summary>All numbers at once: for small tensors.</summary>
    public ByteString ToBytes(IWeightSource weights, CancellationToken cancellation)
    {
        var stream = new MemoryStream(checked((int)Bytes));
        Write(weights, new StreamSink(stream, cancellation));
        return UnsafeByteOperations.UnsafeWrap(stream.GetBuffer());
    }
}
