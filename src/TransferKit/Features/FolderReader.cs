using System.Runtime.CompilerServices;
using System.Threading.Channels;
using TransferKit.Engine;
using TransferKit.Imaging;

namespace TransferKit.Features;

/// <summary>
/// Reads the files of a folder into batches of pixels: one batch fills while the engine runs the one before it. Batches, and the
/// files in them, keep the order of the listing. Memory is bounded by two batches and the files that are being decoded.
/// </summary>
internal sealed class FolderReader : IAsyncDisposable
{
    private const int Batches = 2;
    // Two workers per core: one decodes while the other waits for the disk.
    private static readonly int Workers = 2 * ProcessorShare.Cores;

    private readonly string _folder;
    private readonly ImageFitting _images;
    private readonly ProcessorShare _cores;
    private readonly CancellationTokenSource _stop;
    private readonly Channel<FileBatch> _empty = Channel.CreateBounded<FileBatch>(Batches);
    private readonly Channel<FileBatch> _filling = Channel.CreateBounded<FileBatch>(Batches);
    // The channel needs no bound: it never has more entries than the two batches.
    private readonly Channel<(FileBatch Batch, int Index)> _work = Channel.CreateUnbounded<(FileBatch, int)>();
    private readonly Task _running;

    public FolderReader(
        string folder, IReadOnlyList<FolderEntry> files, ImageFitting images, BatchSizes sizes, ProcessorShare cores,
        CancellationToken cancellationToken)
    {
        (_folder, _images, _cores) = (folder, images, cores);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        for (var i = 0; i < Batches; i++)
            _empty.Writer.TryWrite(new(files, Math.Min(sizes.Largest, files.Count), images.Length));
        var tasks = Enumerable.Range(0, Math.Min(Workers, files.Count)).Select(_ => Task.Run(WorkAsync, CancellationToken.None));
        _running = Task.WhenAll([Task.Run(() => FeedAsync(files.Count, sizes), CancellationToken.None), .. tasks]);
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

    private async Task FeedAsync(int count, BatchSizes sizes)
    {
        Exception? error = null;
        try
        {
            for (var first = 0; first < count;)
            {
                var batch = await _empty.Reader.ReadAsync(_stop.Token).ConfigureAwait(false);
                batch.Begin(first, Math.Min(sizes.Next(), count - first));
                first += batch.Count;
                await _filling.Writer.WriteAsync(batch, _stop.Token).ConfigureAwait(false);
                for (var i = 0; i < batch.Count; i++)
                    _work.Writer.TryWrite((batch, i));
            }
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

    private async Task WorkAsync()
    {
        await foreach (var (batch, index) in _work.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
        {
            try
            {
                await DecodeAsync(batch, index).ConfigureAwait(false);
                batch.Done(index, error: null);
            }
            catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
            {
                batch.Done(index, e);
            }
#pragma warning disable CA1031 // The batch's task rethrows the exception.
            catch (Exception e)
#pragma warning restore CA1031
            {
                batch.Fail(e);
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask DecodeAsync(FileBatch batch, int index)
    {
        var entry = batch.File(index);
        if (entry.Error is not null)
            throw entry.Error;
        var path = Path.Combine(_folder, entry.Path);
        using var file = _images.ReadListed(path);
        await _cores.EnterAsync().ConfigureAwait(false);
        try
        {
            _images.Decode(file, batch.PixelsOf(index), _stop.Token);
        }
        finally
        {
            _cores.Leave();
        }
    }
}
