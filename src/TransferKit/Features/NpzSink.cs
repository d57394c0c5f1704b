using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace TransferKit;

/// <summary>
/// Writes an <c>.npz</c> file for numpy: <c>names</c>, an array of strings, and <c>features</c>, float32 of shape <c>(n, …)</c>.
/// Rows are spooled to a temporary file, so that memory does not grow with their number. The target appears at completion.
/// </summary>
public sealed class NpzSink : FeatureSink
{
    private readonly List<string> _names = [];

    /// <summary>Initializes a sink to a file and checks that the file can be written.</summary>
    /// <param name="path">The path of an <c>.npz</c> file in an existing folder, or of a pipe or device. A file is replaced.</param>
    /// <exception cref="OutputFormatException">The extension is not <c>.npz</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public NpzSink(string path) : base(path, ".npz") { }

    /// <summary>Initializes a sink to a stream, such as standard output or an upload. It is written at completion.</summary>
    /// <param name="stream">The stream, which need not seek. The caller closes it.</param>
    /// <exception cref="ArgumentException">The stream cannot be written.</exception>
    public NpzSink(Stream stream) : base(stream) { }

    /// <inheritdoc/>
    protected override ValueTask WriteRowAsync(Stream stream, FeatureRow row, CancellationToken cancellationToken)
    {
        stream.Write(MemoryMarshal.AsBytes(row.Features.Span));
        _names.Add(row.Path);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    // The header of the features states their number and precedes them, and an archive cannot be changed afterwards.
    protected override void WriteResult(Stream temporary, Stream result)
    {
        using var zip = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true);
        WriteNames(zip);
        using var features = Create(zip, "features.npy", CompressionLevel.NoCompression);
        WriteHeader(features, "<f4", [Count, .. Shape]);
        base.WriteResult(temporary, features);
    }

    // The same rows give the same bytes at any time, so entries have the earliest time that a zip can state.
    private static Stream Create(ZipArchive zip, string name, CompressionLevel level)
    {
        var entry = zip.CreateEntry(name, level);
        entry.LastWriteTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return entry.Open();
    }

    // numpy stores strings as UTF-32, padded to the longest.
    private void WriteNames(ZipArchive zip)
    {
        using var entry = Create(zip, "names.npy", CompressionLevel.Fastest);
        var length = Math.Max(1, _names.Count == 0 ? 1 : _names.Max(CodePoints));
        WriteHeader(entry, string.Create(CultureInfo.InvariantCulture, $"<U{length}"), [Count]);
        var cell = new byte[length * 4];
        foreach (var name in _names)
        {
            Array.Clear(cell);
            var at = 0;
            foreach (var codePoint in name.EnumerateRunes())
                BinaryPrimitives.WriteInt32LittleEndian(cell.AsSpan(4 * at++), codePoint.Value);
            entry.Write(cell);
        }
    }

    private static int CodePoints(string name)
    {
        var count = 0;
        foreach (var _ in name.EnumerateRunes())
            count++;
        return count;
    }

    // The .npy 1.0 header is magic, length and a Python dictionary. Padding aligns the data at a multiple of 64 bytes.
    private static void WriteHeader(Stream stream, string type, int[] shape)
    {
        var dimensions = string.Join(", ", shape) + (shape.Length == 1 ? "," : "");
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({dimensions}), }}";
        var padded = header.PadRight((header.Length + 11 + 63) / 64 * 64 - 11) + "\n";
        var (low, high) = ((byte)(padded.Length & 255), (byte)(padded.Length >> 8));
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, low, high, .. Encoding.ASCII.GetBytes(padded)]);
    }
}
