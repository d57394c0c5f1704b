using System.Runtime.InteropServices;
using System.Text;

namespace TransferKit.FeatureSets.Files;

/// <summary>Writes an <c>.npy</c> file for numpy: the features as float32 of shape <c>(n, …)</c>, without names.</summary>
internal sealed class NpySink(string path) : FeatureSink(path, ".npy")
{
    private const int HeaderBytes = 128;

    protected override void WriteStart(Stream stream) => stream.Write(new byte[HeaderBytes]);

    protected override ValueTask WriteRowAsync(Stream stream, FeatureRow row, CancellationToken cancellationToken)
    {
        stream.Write(MemoryMarshal.AsBytes(row.Features.Span));
        return ValueTask.CompletedTask;
    }

    // The number of rows is known at the end. The header has room for any.
    protected override ValueTask WriteEndAsync(Stream stream, CancellationToken cancellationToken)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({Count}, {string.Join(", ", Shape)}), }}";
        stream.Position = 0;
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, HeaderBytes - 10, 0, .. Encoding.ASCII.GetBytes(header.PadRight(HeaderBytes - 11) + "\n")]);
        return ValueTask.CompletedTask;
    }
}
