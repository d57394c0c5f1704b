using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace TransferKit;

/// <summary>
/// An <c>.npz</c> file that numpy reads: <c>names</c>, an array of strings, and <c>features</c>, float32 of shape
/// <c>(n, …)</c>. Rows are spooled to a file beside the target, so that memory does not grow with them; the target
/// appears whole, at completion.
/// </summary>
public sealed class NpzSink : IFeatureSink
{
    private readonly string _temporary;
    private readonly string _rows;
    private readonly FileStream _spool;
    private readonly List<string> _names = [];
    private int[]? _shape;

    /// <summary>A sink to the given file; tells at once where it cannot be written.</summary>
    /// <param name="path">The file, replaced at completion if it exists. Its folder must exist.</param>
    /// <exception cref="OutputFileException">The file cannot be written there.</exception>
    public NpzSink(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        OutputFileException.ThrowIfUnwritable(path);
        Target = Path.GetFullPath(path);
        // Hidden, so that an extraction into the folder that it reads does not meet them.
        var unique = Path.Combine(Path.GetDirectoryName(Target)!, $".{Path.GetFileName(Target)}.{Guid.NewGuid():N}");
        _temporary = $"{unique}.tmp";
        _rows = $"{unique}.rows";
        _spool = OutputFileException.Wrapping(Target, () => new FileStream(_rows, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose, BufferSize = 1 << 16,
        }), _rows);
    }

    /// <summary>The file's full path.</summary>
    public string Target { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The sink has another shape already.</exception>
    public void Begin(IReadOnlyList<int> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Check("the rows to come", shape);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The row has no features, or another shape than those before.</exception>
    public ValueTask WriteAsync(FeatureRow row, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (row.IsSkipped)
            throw new ArgumentException($"'{row.Path}' has no features to write: {row.Error!.Message}", nameof(row));
        Check($"'{row.Path}'", row.Shape);
        try
        {
            _spool.Write(MemoryMarshal.AsBytes(row.Features.Span));
        }
        catch (Exception e) when (OutputFileException.IsOfWriting(e))
        {
            throw OutputFileException.Of(Target, e, _rows);
        }
        _names.Add(row.Path);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    /// <exception cref="OutputFileException">The file cannot be written; nothing of it is left.</exception>
    public ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        OutputFileException.Wrapping(Target, () =>
        {
            using (var file = new FileStream(_temporary, FileMode.CreateNew))
            using (var zip = new ZipArchive(file, ZipArchiveMode.Create))
            {
                WriteNames(zip);
                using var features = zip.CreateEntry("features.npy", CompressionLevel.NoCompression).Open();
                WriteHeader(features, "<f4", [_names.Count, .. _shape ?? [0]]);
                _spool.Position = 0;
                _spool.CopyTo(features, 1 << 20);
            }
            cancellationToken.ThrowIfCancellationRequested();
            File.Move(_temporary, Target, overwrite: true);
        }, _temporary, _rows);
        return ValueTask.CompletedTask;
    }

    /// <summary>Frees the sink; without completion no file is left.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _spool.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (OutputFileException.IsOfWriting(e))
        {
            // On a full disk the rows in the buffer cannot be written, which was told already; they are discarded anyway.
        }
        File.Delete(_temporary);
    }

    private void Check(string rows, IReadOnlyList<int> shape)
    {
        _shape ??= [.. shape];
        if (!_shape.SequenceEqual(shape))
            throw new ArgumentException($"The features of {rows} have the shape ({string.Join(", ", shape)}), and those before ({string.Join(", ", _shape)}).", nameof(shape));
    }

    // numpy's strings are UTF-32, all as long as the longest.
    private void WriteNames(ZipArchive zip)
    {
        using var entry = zip.CreateEntry("names.npy", CompressionLevel.Fastest).Open();
        var length = Math.Max(1, _names.Count == 0 ? 1 : _names.Max(CodePoints));
        WriteHeader(entry, string.Create(CultureInfo.InvariantCulture, $"<U{length}"), [_names.Count]);
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

    // The .npy format, version 1.0: magic, length, a Python dictionary padded so that the data starts at a multiple of 64.
    private static void WriteHeader(Stream stream, string type, int[] shape)
    {
        var dimensions = string.Join(", ", shape) + (shape.Length == 1 ? "," : "");
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({dimensions}), }}";
        var padded = header.PadRight((header.Length + 11 + 63) / 64 * 64 - 11) + "\n";
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)(padded.Length & 255), (byte)(padded.Length >> 8), .. Encoding.ASCII.GetBytes(padded)]);
    }
}
