using System.Collections.Immutable;
using Google.Protobuf;
using Onnx;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Tensors;

/// <summary>
/// A tensor of a model as a rule that computes its numbers from Keras' weights. The rule is applied when the file is written, so only
/// one tensor is in memory at a time.
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

    /// <summary>The rule as text. Tensors with equal recipes and equal weights hold equal numbers.</summary>
    public abstract string Recipe { get; }

    public abstract void Write(IWeightSource weights, TensorSink sink);

    /// <summary>Creates the tensor's message with its name, type and dimensions, but without numbers.</summary>
    public TensorProto Header() => new() { Name = Name, DataType = (int)type, Dims = { Dimensions } };

    /// <summary>Computes all numbers in memory, for small tensors.</summary>
    public ByteString ToBytes(IWeightSource weights, CancellationToken cancellation)
    {
        var stream = new MemoryStream(checked((int)Bytes));
        Write(weights, new StreamSink(stream, cancellation));
        return UnsafeByteOperations.UnsafeWrap(stream.GetBuffer());
    }
}
