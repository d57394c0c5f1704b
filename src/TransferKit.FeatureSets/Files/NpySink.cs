using System.Runtime.InteropServices;
using System.Text;

namespace TransferKit.FeatureSets.Files;

/// <summary>Writes an <c>.npy</c> file for numpy: the features as float32 of shape <c>(n, …)</c>, without names.</summary>
internal sealed class NpySink(string path) : FileSink(path, ".npy")
{
    private const int HeaderBytes = 128;
    private long _rows;

    protected override ValueTask WriteRowAsync(FeatureRow row, CancellationToken cancellationToken)
    {
        if (_rows++ == 0)
            Stream.Write(new byte[HeaderBytes]);
        Stream.Write(MemoryMarshal.AsBytes(row.Features.Span));
        return ValueTask.CompletedTask;
    }

    // The number of rows is known at the end. The header has room for any.
    protected override ValueTask EndAsync(CancellationToken cancellationToken)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({_rows}, {string.Join(", ", Shape)}), }}";
        Stream.Position = 0;
        Stream.Write([0x93, .. "NUMPY"u8, 1, 0, HeaderBytes - 10, 0, .. Encoding.ASCII.GetBytes(header.PadRight(HeaderBytes - 11) + "\n")]);
        return ValueTask.CompletedTask;
    }
}
