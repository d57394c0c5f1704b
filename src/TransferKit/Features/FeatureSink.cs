using TransferKit.Common;

namespace TransferKit;

/// <summary>
/// Represents a sink to one file or stream. Derive from it and write the bytes of a format. The base collects them in a temporary file
/// without a name, replaces the target at completion, checks that all rows have one shape, and names the target in errors.
/// </summary>
public abstract class FeatureSink : IFeatureSink
{
    private readonly OutputTarget? _target;
    private readonly Stream? _destination;
    private readonly string _temporaryPath;
    private FileStream? _temporary;
    private int[]? _shape;

    /// <summary>Initializes a sink to a file and checks that the file can be written.</summary>
    /// <param name="path">The path of a file in an existing folder, or of a pipe or device. A file is replaced at completion.</param>
    /// <param name="extensions">The extensions of the format, such as <c>.csv</c>; none to accept every name.</param>
    /// <exception cref="OutputFormatException">The path has another extension.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    protected FeatureSink(string path, params ReadOnlySpan<string> extensions)
    {
        var target = OutputTarget.OfWritable(path, extensions);
        // The temporary file is hidden, so that an extraction into the folder that it reads does not list it.
        (_target, Target, _temporaryPath) = (target, target.Path, target.Beside("rows"));
    }

    /// <summary>Initializes a sink to a stream, such as standard output or an upload. It is written at completion.</summary>
    /// <param name="stream">The stream, which need not seek. The caller closes it.</param>
    /// <exception cref="ArgumentException">The stream cannot be written.</exception>
    protected FeatureSink(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanWrite)
            throw new ArgumentException("The stream cannot be written.", nameof(stream));
        (_destination, _temporaryPath) = (stream, TemporaryFolder.NewFile("rows"));
    }

    /// <summary>Gets the file's full path; null for a sink to a stream.</summary>
    public string? Target { get; }

    /// <summary>Gets the dimensions of the rows: <c>(channels)</c> or <c>(h, w, channels)</c>; <c>(0)</c> before they are known.</summary>
    protected IReadOnlyList<int> Shape => _shape ?? [0];

    /// <summary>Gets whether the format has a place for rows without features, which a feature set holds. Defaults to false.</summary>
    internal virtual bool TakesSkipped => false;

    /// <summary>Gets the number of written rows with features.</summary>
    protected int Count { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The sink already has another shape.</exception>
    public void Begin(IReadOnlyList<int> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Check("the rows to come", shape);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The row has no features, or another shape than the rows before it.</exception>
    /// <exception cref="OutputFileException">The row cannot be written.</exception>
    public async ValueTask WriteAsync(FeatureRow row, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (row.IsSkipped && !TakesSkipped)
            throw new ArgumentException(Printable.Of($"'{row.Path}' has no features to write: {row.Error!.Message}"), nameof(row));
        if (!row.IsSkipped)
            Check($"'{row.Path}'", row.Shape);
        try
        {
            await WriteRowAsync(Open(), row, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (OutputFileException.IsOfWriting(e))
        {
            throw OutputFileException.Of(Name, e, _temporaryPath);
        }
        Count += row.IsSkipped ? 0 : 1;
    }

    /// <inheritdoc/>
    /// <exception cref="OutputFileException">The file cannot be written; no incomplete file remains.</exception>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            var temporary = Open();
            await WriteEndAsync(temporary, cancellationToken).ConfigureAwait(false);
            temporary.Position = 0;
            if (_target is { } target)
                AtomicFile.Write(target, Publish);
            else
                Publish(_destination!);

            void Publish(Stream result)
            {
                WriteResult(temporary, result);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        catch (Exception e) when (OutputFileException.IsOfWriting(e))
        {
            throw OutputFileException.Of(Name, e, _temporaryPath);
        }
    }

    /// <summary>Releases the sink. Without completion no file remains.</summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_temporary is null)
            return;
        try
        {
            await _temporary.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (OutputFileException.IsOfWriting(e))
        {
            // Disposal flushes rows to the disk, which may be full. An earlier write has reported that, and the rows are discarded.
        }
    }

    /// <summary>Writes what stands before the rows. It is called once, before the first row or at completion.</summary>
    /// <param name="stream">The temporary file, which can seek.</param>
    protected virtual void WriteStart(Stream stream)
    {
    }

    /// <summary>Writes a row.</summary>
    /// <param name="stream">The temporary file.</param>
    /// <param name="row">A row with features of <see cref="Shape"/>, which are valid until the task completes.</param>
    /// <param name="cancellationToken">Token to cancel the write.</param>
    protected abstract ValueTask WriteRowAsync(Stream stream, FeatureRow row, CancellationToken cancellationToken);

    /// <summary>Writes what stands after the rows, or seeks back to complete what stands before them.</summary>
    /// <param name="stream">The temporary file.</param>
    /// <param name="cancellationToken">Token to cancel the write.</param>
    protected virtual ValueTask WriteEndAsync(Stream stream, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Writes the result: by default a copy of the temporary file. Override it where the rows are only a part of it.</summary>
    /// <param name="temporary">The temporary file, at its start.</param>
    /// <param name="result">The stream of the result, which may be unable to seek.</param>
    protected virtual void WriteResult(Stream temporary, Stream result)
    {
        ArgumentNullException.ThrowIfNull(temporary);
        temporary.CopyTo(result, 1 << 20);
    }

    private string Name => Target ?? "the stream";

    private FileStream Open()
    {
        if (_temporary is null)
        {
            _temporary = TemporaryFile.Create(_temporaryPath);
            WriteStart(_temporary);
        }
        return _temporary;
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
}
