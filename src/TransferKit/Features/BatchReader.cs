using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Threading.Channels;
using TransferKit.Engine;
using TransferKit.Imaging;
using TransferKit.Imaging.Resizing;

namespace TransferKit.Features;

/// <summary>
/// Reads the files of a source into batches of pixels: one batch fills while the engine runs the one before it. Batches, and the
/// files in them, keep the order of the list. Memory is bounded by two batches and the files that are being decoded.
/// </summary>
internal sealed class BatchReader : IAsyncDisposable
{
    private const int Batches = 2;
    // Two workers per core: one decodes while the other waits for the disk.
    private static readonly int Workers = 2 * ProcessorShare.Processors;

    private readonly ImageSource _source;
    private readonly ImageFitting _images;
    private readonly bool _withDetails;
    private readonly ProcessorShare _cores;
    private readonly CancellationTokenSource _stop;
    private readonly Channel<FileBatch> _empty = Channel.CreateBounded<FileBatch>(Batches);
    private readonly Channel<FileBatch> _filling = Channel.CreateBounded<FileBatch>(Batches);
    // The channel needs no bound: it never has more entries than the two batches.
    private readonly Channel<(FileBatch Batch, int Index)> _work = Channel.CreateUnbounded<(FileBatch, int)>();
    private readonly Task _running;

    /// <param name="source">The source that opens the files.</param>
    /// <param name="files">
    /// The files, which may be found while earlier ones are read. Null sends those before it to the engine, before a long wait.
    /// </param>
    /// <param name="capacity">The largest number of files in a batch.</param>
    /// <param name="images">The size and options that files are decoded to.</param>
    /// <param name="withDetails">Whether each file's details are recorded, its SHA-256 among them.</param>
    /// <param name="sizes">The sizes of the batches.</param>
    /// <param name="cores">The cores, which are shared with the engine.</param>
    /// <param name="cancellationToken">Token to cancel reading.</param>
    public BatchReader(
        ImageSource source, IAsyncEnumerable<FolderEntry?> files, int capacity, ImageFitting images, bool withDetails, BatchSizes sizes,
        ProcessorShare cores, CancellationToken cancellationToken)
    {
        (_source, _images, _withDetails, _cores) = (source, images, withDetails, cores);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        for (var i = 0; i < Batches; i++)
            _empty.Writer.TryWrite(new(capacity, images.Length));
        var tasks = Enumerable.Range(0, Math.Min(Workers, capacity)).Select(_ => Task.Run(WorkAsync, CancellationToken.None));
        _running = Task.WhenAll([Task.Run(() => FeedAsync(files, sizes), CancellationToken.None), .. tasks]);
    }

    /// <summary>Reads complete batches. The caller calls <see cref="Return"/> with each, so that it can be filled again.</summary>
    public async IAsyncEnumerable<FileBatch> ReadAllAsync()
    {
        await foreach (var batch in _filling.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
        {
            await batch.Completion.WaitAsync(_stop.Token).ConfigureAwait(false);
            yield return batch;
        }
    }

    public void Return(FileBatch batch) => _empty.Writer.TryWrite(batch);

    /// <summary>Cancels reading and waits for the workers to end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task FeedAsync(IAsyncEnumerable<FolderEntry?> files, BatchSizes sizes)
    {
        Exception? error = null;
        try
        {
            await FillAsync(files, sizes).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // ReadAllAsync rethrows the exception.
        catch (Exception e)
#pragma warning restore CA1031
        {
            error = e;
        }
        _work.Writer.Complete();
        _filling.Writer.Complete(error);
    }

    private async Task FillAsync(IAsyncEnumerable<FolderEntry?> files, BatchSizes sizes)
    {
        var (batch, size) = ((FileBatch?)null, 0);
        await foreach (var file in files.WithCancellation(_stop.Token).ConfigureAwait(false))
        {
            if (file is not { } entry)
            {
                if (batch is not null)
                    await SendAsync(batch).ConfigureAwait(false);
                batch = null;
                continue;
            }
            if (batch is null)
            {
                batch = await _empty.Reader.ReadAsync(_stop.Token).ConfigureAwait(false);
                batch.Begin();
                size = sizes.Next();
            }
            batch.Add(entry);
            if (batch.Count == size)
            {
                await SendAsync(batch).ConfigureAwait(false);
                batch = null;
            }
        }
        if (batch is not null)
            await SendAsync(batch).ConfigureAwait(false);
    }

    private async Task SendAsync(FileBatch batch)
    {
        await _filling.Writer.WriteAsync(batch, _stop.Token).ConfigureAwait(false);
        // The batch may be returned and filled again once its last file is decoded.
        var count = batch.Count;
        for (var i = 0; i < count; i++)
            _work.Writer.TryWrite((batch, i));
    }

    private async Task WorkAsync()
    {
        await foreach (var (batch, index) in _work.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
        {
            var details = _withDetails ? DetailsOf(batch.File(index).Stamp) : null;
            try
            {
                details = await DecodeAsync(batch, index, details).ConfigureAwait(false);
                batch.Done(index, error: null, details);
            }
            catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
            {
                batch.Done(index, e, details);
            }
#pragma warning disable CA1031 // The batch's task rethrows the exception.
            catch (Exception e)
#pragma warning restore CA1031
            {
                batch.Fail(e);
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ImageFileDetails?> DecodeAsync(FileBatch batch, int index, ImageFileDetails? details)
    {
        var entry = batch.File(index);
        if (entry.Error is not null)
            throw entry.Error;
        using var file = _source.Read(entry, _images);
        await _cores.EnterAsync().ConfigureAwait(false);
        try
        {
            PictureSize.Begin();
            _images.Decode(file, batch.PixelsOf(index), _stop.Token);
            return details is null ? null : DetailsOf(file, PictureSize.Last);
        }
        finally
        {
            _cores.Leave();
        }
    }

    private static ImageFileDetails DetailsOf(FileStamp? stamp) =>
        new() { Length = stamp?.Length ?? 0, Modified = stamp?.Modified ?? default };

    private static ImageFileDetails DetailsOf(EncodedFile file, ImageSize? size) => new()
    {
        Length = file.Content.Length,
        Modified = file.Modified ?? default,
        Size = size,
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(file.Content)),
    };
}
