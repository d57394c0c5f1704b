using System.Runtime.InteropServices;

namespace TransferKit.Onnx.Tensors;

/// <summary>Receives the numbers of a tensor piece by piece, row-major.</summary>
internal abstract class TensorSink
{
    public void Write<T>(ReadOnlySpan<T> values)
        where T : unmanaged => WriteBytes(MemoryMarshal.AsBytes(values));

    protected abstract void WriteBytes(ReadOnlySpan<byte> values);
}

/// <summary>Writes tensors one after another to a stream in ONNX' byte order, little-endian.</summary>
internal sealed class StreamSink(Stream stream, CancellationToken cancellation) : TensorSink
{
    protected override void WriteBytes(ReadOnlySpan<byte> values)
    {
        cancellation.ThrowIfCancellationRequested();
        stream.Write(values);
    }
}
