using System.Runtime.InteropServices;

namespace TransferKit.Onnx.Tensors;

/// <summary>Takes the numbers of a tensor piece after piece, row-major.</summary>
internal abstract class TensorSink
{
    public void Write<T>(ReadOnlySpan<T> values)
        where T : unmanaged => WriteBytes(MemoryMarshal.AsBytes(values));

    protected abstract void WriteBytes(ReadOnlySpan<byte> values);
}

/// <summary>Writes tensors one after the other as ONNX stores them: little-endian.</summary>
internal sealed class StreamSink(Stream stream, CancellationToken cancellation) : TensorSink
{
    protected override void WriteBytes(ReadOnlySpan<byte> values)
    {
        cancellation.ThrowIfCancellationRequested();
        stream.Write(values);
    }
}
