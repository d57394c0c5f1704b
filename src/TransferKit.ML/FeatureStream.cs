using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using TransferKit.Backbones;
using TransferKit.Imaging;

namespace TransferKit.ML;

/// <summary>Reads the features of all rows in their order, some rows ahead of the caller.</summary>
internal sealed class FeatureStream(DataViewRowCursor ahead, Func<CancellationToken, IAsyncEnumerable<ReadOnlyMemory<float>>> read)
    : IDisposable
{
    private const int ImagesOfBatch = 32;

    // It has neither a timer nor a handle, so it needs no disposal, after which threads of ML.NET may still ask it.
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _lock = new();
    private IAsyncEnumerator<ReadOnlyMemory<float>>? _features;

    /// <summary>Gets the features of the current row.</summary>
    public ReadOnlyMemory<float> Current => _features!.Current;

    /// <summary>Opens a cursor of its own over the images of the data.</summary>
    public static FeatureStream Of(FeatureTransformer transformer, IDataView data)
    {
        var column = transformer.Input(data.Schema);
        var ahead = data.GetRowCursor([column]);
        return new(ahead, column.Type is ImageDataViewType
            ? token => OfImages(transformer.Backbone, ahead, ahead.GetGetter<MLImage>(ahead.Schema[column.Index]), token)
            : token => OfPaths(transformer.Backbone, ahead, ahead.GetGetter<ReadOnlyMemory<char>>(ahead.Schema[column.Index]), token));
    }

    /// <summary>Moves to the features of the next row. Returns false at the end, or after disposal.</summary>
    // ML.NET's cursors are synchronous. The work is done by threads of the pool, none of which this wait blocks.
    public bool MoveNext()
    {
        lock (_lock)
        {
            if (_ended.IsCancellationRequested)
                return false;
            try
            {
                _features ??= read(_ended.Token).GetAsyncEnumerator(CancellationToken.None);
                return _features.MoveNextAsync().AsTask().GetAwaiter().GetResult();
            }
            catch (OperationCanceledException) when (_ended.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    /// <summary>Stops reading. ML.NET may dispose a cursor while another of its threads still moves it.</summary>
    public void Dispose()
    {
        _ended.Cancel();
        lock (_lock)
        {
            try
            {
                _features?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
            catch (OperationCanceledException)
            {
                // The caller reads no more, so what was read ahead is dropped.
            }
            ahead.Dispose();
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<float>> OfPaths(
        IBackbone backbone, DataViewRowCursor ahead, ValueGetter<ReadOnlyMemory<char>> getPath,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var source = new PathSource();
        var extractor = new FeatureExtractor(backbone, new() { OnError = OnError.Stop });
        var rows = extractor.RowsAsync(
            source, Files().ToAsyncEnumerable(), int.MaxValue, reuseBuffer: true, progress: null, cancellationToken);
        await foreach (var row in rows.ConfigureAwait(false))
            yield return row.Features;

        IEnumerable<FolderEntry?> Files()
        {
            var path = default(ReadOnlyMemory<char>);
            while (ahead.MoveNext())
            {
                getPath(ref path);
                yield return new FolderEntry(path.ToString());
            }
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<float>> OfImages(
        IBackbone backbone, DataViewRowCursor ahead, ValueGetter<MLImage> getImage,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batch = new List<RgbImage>(ImagesOfBatch);
        var image = default(MLImage);
        for (var hasRow = ahead.MoveNext(); hasRow;)
        {
            batch.Clear();
            for (; hasRow && batch.Count < ImagesOfBatch; hasRow = ahead.MoveNext())
            {
                getImage(ref image!);
                batch.Add(Pictures.Of(image, ahead.Position));
            }
            var features = await Task.Run(() => Predict(backbone, batch, cancellationToken), cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < features.Count; i++)
                yield return features.Row(i);
        }
        image?.Dispose();
    }

    private static FeatureTensor Predict(IBackbone backbone, List<RgbImage> images, CancellationToken cancellationToken)
    {
        var fitting = backbone.Images.FittingTo(backbone.InputSize);
        var pixels = new byte[images.Count * fitting.Length];
        Parallel.For(0, images.Count, i => fitting.Fit(images[i], cancellationToken).Span.CopyTo(pixels.AsSpan(i * fitting.Length)));
        return fitting.Predict(backbone, pixels, cancellationToken);
    }
}
