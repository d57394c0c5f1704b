using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using TransferKit.Common;

namespace TransferKit;

/// <summary>
/// Writes an <c>.npz</c> file for numpy: <c>names</c>, an array of strings, and <c>features</c>, float32 of shape <c>(n, …)</c>.
/// Rows are spooled to a temporary file, so that memory does not grow with their number. The target appears at completion.
/// </summary>
public sealed class NpzSink : IFeatureSink
{
    private readonly OutputTarget? _target;
    private readonly Stream? _stream;
    private readonly string _rows;
    private readonly FileStream _spool;
    private readonly List<string> _names = [];
    private int[]? _shape;

    /// <summary>Initializes a sink to a file and checks that the file can be written.</summary>
    /// <param name="path">The path of an <c>.npz</c> file in an existing folder, or of a pipe or device. A file is replaced.</param>
    /// <exception cref="OutputFormatException">The extension is not <c>.npz</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public NpzSink(string path)
    {
        var target = OutputTarget.OfWritable(path, ".npz");
        (_target, Target) = (target, target.Path);
        // The spool is a hidden file, so that an extraction into the folder it reads does not list it.
        (_rows, _spool) = Spool(Name, target.Beside("rows"));
    }

    /// <summary>Initializes a sink to a stream, such as standard output or an upload. It is written at completion.</summary>
    /// <param name="stream">The stream, which is written synchronously and need not seek. The caller closes it.</param>
    /// <exception cref="ArgumentException">The stream cannot be written.</exception>
    /// <exception cref="OutputFileException">The rows cannot be spooled to the system's temporary folder.</exception>
    public NpzSink(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanWrite)
            throw new ArgumentException("The stream cannot be written.", nameof(stream));
        _stream = stream;
        (_rows, _spool) = Spool(Name, Path.Combine(Path.GetTempPath(), $".transferkit.{Guid.NewGuid():N}.rows"));
    }

    /// <summary>Gets the file's full path; null for a sink to a stream.</summary>
    public string? Target { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The sink already has another shape.</exception>
    public void Begin(IReadOnlyList<int> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Check("the rows to come", shape);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The row has no features, or another shape than the rows before it.</exception>
    public ValueTask WriteAsync(FeatureRow row, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (row.IsSkipped)
            throw new ArgumentException(Printable.Of($"'{row.Path}' has no features to write: {row.Error!.Message}"), nameof(row));
        Check($"'{row.Path}'", row.Shape);
        try
        {
            _spool.Write(MemoryMarshal.AsBytes(row.Features.Span));
        }
        catch (Exception e) when (OutputFileException.IsOfWriting(e))
        {
            throw OutputFileException.Of(Name, e, _rows);
        }
        _names.Add(row.Path);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    /// <exception cref="OutputFileException">The file cannot be written; no incomplete file remains.</exception>
    public ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        OutputFileException.Wrapping(Name, () =>
        {
            if (_target is { } target)
                AtomicFile.Write(target, stream => WriteTo(stream, cancellationToken));
            else
                WriteTo(_stream!, cancellationToken);
        }, _rows);
        return ValueTask.CompletedTask;
    }

    /// <summary>Releases the sink. Without completion no file remains.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _spool.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (OutputFileException.IsOfWriting(e))
        {
            // Disposal flushes rows to the disk, which may be full. An earlier write has reported that, and the rows are discarded.
        }
    }

    private string Name => Target ?? "the stream";

    private static (string Path, FileStream Stream) Spool(string name, string path) => (path, OutputFileException.Wrapping(name, () =>
    {
        var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose,
            BufferSize = 1 << 16,
        });
        // Without a name, the file disappears even if the process is killed. Windows does so with DeleteOnClose.
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return stream;
    }, path));

    private void WriteTo(Stream stream, CancellationToken cancellationToken)
    {
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            WriteNames(zip);
            using var features = zip.CreateEntry("features.npy", CompressionLevel.NoCompression).Open();
            WriteHeader(features, "<f4", [_names.Count, .. _shape ?? [0]]);
            _spool.Position = 0;
            _spool.CopyTo(features, 1 << 20);
        }
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Check(string rows, IReadOnlyList<int> shape)
    {
        _shape ??= [.. shape];
        if (!_shape.SequenceEqual(shape))
        {
            throw new ArgumentException(
                $"The features of {rows} have the shape ({string.Join(", ", shape)}), but those before have ({string.Join(", ", _shape)}).",
                nameof(shape));
        }
    }

    // numpy stores strings as UTF-32, padded to the longest.
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
