using System.Collections.Immutable;
using Google.Protobuf;
using Onnx;
using TransferKit.Onnx.Tensors;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Reading;

/// <summary>A tensor of a file that is written again as it is.</summary>
internal abstract class HeldTensor(string name, ImmutableArray<long> dimensions, TensorProto.Types.DataType type)
    : WeightTensor(name, dimensions, type)
{
    /// <summary>The hash of the file identifies the tensor, so its name is enough.</summary>
    public override string Recipe => Name;
}

/// <summary>A tensor whose numbers are in the model's own file.</summary>
internal sealed class EmbeddedTensor(string name, ImmutableArray<long> dimensions, TensorProto.Types.DataType type, ByteString numbers)
    : HeldTensor(name, dimensions, type)
{
    public override void Write(IWeightSource weights, TensorSink sink) => sink.Write(numbers.Span);
}

/// <summary>A tensor whose numbers are in another file.</summary>
internal sealed class ExternalTensor(string name, ImmutableArray<long> dimensions, TensorProto.Types.DataType type, FilePart part)
    : HeldTensor(name, dimensions, type)
{
    private const int PieceLength = 1 << 20;

    public override void Write(IWeightSource weights, TensorSink sink)
    {
        var piece = new byte[Math.Min(PieceLength, part.Length)];
        for (long at = 0; at < part.Length;)
        {
            var wanted = piece.AsSpan(0, (int)Math.Min(piece.Length, part.Length - at));
            var read = RandomAccess.Read(part.File, wanted, part.Offset + at);
            if (read == 0)
                throw new EndOfStreamException($"The external data of '{Name}' was cut off while it was read.");
            sink.Write<byte>(wanted[..read]);
            at += read;
        }
    }
}
