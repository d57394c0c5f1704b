using System.Runtime.InteropServices;

namespace TransferKit.Onnx.Tensors;

/// <summary>Takes the numbers of tensors one after the other, as ONNX stores them: little-endian, row-major.</summary>
internal sealed class FloatSink(Stream stream, CancellationToken cancellation)
{
    public void Write(ReadOnlySpan<float> values)
    {
        cancellation.ThrowIfCancellationRequested();
        stream.Write(MemoryMarshal.AsBytes(values));
    }
}
