using TransferKit.Common;

namespace TransferKit.FeatureSets.Files;

/// <summary>Represents a sink to one file, which appears when it is complete. Errors of writing name the file.</summary>
internal abstract class FileSink : IFeatureSink
{
    private readonly OutputTarget _target;
    private readonly AtomicFile _file;
    private FileStream? _stream;

    protected FileSink(string path, string extension)
    {
        _target = OutputTarget.OfWritable(path, extension);
        _file = new(_target);
    }

    public string Target => _target.Path;

    /// <summary>Gets the dimensions of the rows.</summary>
    protected IReadOnlyList<int> Shape { get; private set; } = [];

    /// <summary>Gets the temporary file, which can seek.</summary>
    protected Stream Stream => _stream!;

    public void Begin(IReadOnlyList<int> shape)
    {
        Shape = shape;
        _stream = OutputFileException.Wrapping(Target, _file.Create, _file.TemporaryPath);
    }

    public ValueTask WriteAsync(FeatureRow row, CancellationToken cancellationToken = default) =>
        GuardAsync(() => WriteRowAsync(row, cancellationToken));

    public ValueTask CompleteAsync(CancellationToken cancellationToken = default) => GuardAsync(async () =>
    {
        await EndAsync(cancellationToken).ConfigureAwait(false);
        _stream!.Flush(flushToDisk: true);
        await _stream.DisposeAsync().ConfigureAwait(false);
        _file.Commit();
    });

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_stream is not null)
                await _stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (OutputFileException.IsOfWriting(e))
        {
            // Disposal flushes rows to the disk, which may be full. An earlier write has reported that.
        }
        _file.Dispose();
    }

    protected abstract ValueTask WriteRowAsync(FeatureRow row, CancellationToken cancellationToken);

    /// <summary>Writes what stands after the last row.</summary>
    protected abstract ValueTask EndAsync(CancellationToken cancellationToken);

    private async ValueTask GuardAsync(Func<ValueTask> write)
    {
        try
        {
            await write().ConfigureAwait(false);
        }
        catch (Exception e) when (OutputFileException.IsOfWriting(e))
        {
            throw OutputFileException.Of(Target, e, _file.TemporaryPath);
        }
    }
}
