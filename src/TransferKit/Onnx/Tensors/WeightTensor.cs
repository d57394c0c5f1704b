using System.Collections.Immutable;
using Google.Protobuf;
using Onnx;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Tensors;

/// <summary>
/// A tensor of a model as a rule that computes its numbers, mostly from Keras' weights. The rule is applied when the file is written, so
/// only one tensor is in memory at a time.
/// </summary>
internal abstract class WeightTensor(
    string name, ImmutableArray<long> dimensions, TensorProto.Types.DataType type = TensorProto.Types.DataType.Float)
{
    public string Name { get; } = name;
    public ImmutableArray<long> Dimensions { get; } = dimensions;
    public long Count { get; } = dimensions.Aggregate(1L, (product, d) => checked(product * d));
    public long Bytes => Count * SizeOf(type)!.Value;

    /// <summary>Returns the number of bytes of a number; null for a type whose numbers take no whole bytes.</summary>
    public static int? SizeOf(TensorProto.Types.DataType type) => type switch
    {
        TensorProto.Types.DataType.Bool or TensorProto.Types.DataType.Int8 or TensorProto.Types.DataType.Uint8 => sizeof(byte),
        TensorProto.Types.DataType.Float16 or TensorProto.Types.DataType.Bfloat16 => sizeof(short),
        TensorProto.Types.DataType.Int16 or TensorProto.Types.DataType.Uint16 => sizeof(short),
        TensorProto.Types.DataType.Float => sizeof(float),
        TensorProto.Types.DataType.Int32 or TensorProto.Types.DataType.Uint32 => sizeof(int),
        TensorProto.Types.DataType.Double => sizeof(double),
        TensorProto.Types.DataType.Int64 or TensorProto.Types.DataType.Uint64 => sizeof(long),
        _ => null,
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
