using TransferKit.Graph;
using static TorchSharp.torch;

namespace TransferKit.Training.Fitting;

/// <summary>Represents an input batch of a network. Disposing it releases its memory.</summary>
internal sealed class FeedBatch(int[] images, Func<Tensor> input, IDisposable? memory) : IDisposable
{
    public int[] Images => images;

    /// <summary>Creates the output tensor of <see cref="Feed.Start"/> in the caller's dispose scope.</summary>
    public Tensor Input() => input();

    public void Dispose() => memory?.Dispose();
}

/// <summary>
/// Feeds a data set to a network, either as images or as cached outputs of its frozen layers.
/// </summary>
/// <param name="reader">The reader of the images.</param>
/// <param name="batches">The reader of batches of images.</param>
/// <param name="start">The layer whose outputs the feed yields: the graph's input or its last frozen layer.</param>
/// <param name="features">The cached outputs of the frozen layers, or null to feed images.</param>
internal sealed class Feed(ImageReader reader, BatchReader batches, Layer start, FeatureCache? features)
{
    public ImageFolder Folder => reader.Folder;
    public Layer Start => start;
    public IReadOnlyDictionary<string, Exception> Unreadable => reader.Unreadable;

    public IEnumerable<FeedBatch> Read(int[] order, int batchSize, long key, CancellationToken cancellationToken)
    {
        if (features is not null)
        {
            foreach (var images in features.Readable(order).Chunk(batchSize))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return new(images, () => features.Gather(images), null);
            }
            yield break;
        }
        foreach (var batch in batches.Read(order, batchSize, key, cancellationToken))
        {
            if (batch.Images.Length > 0)
                yield return new(batch.Images, () => ToTensor(batch), batch);
            else
                batch.Dispose();
        }
    }

    // A permuted view suffices: the first convolution orders its memory.
    private Tensor ToTensor(PixelBatch batch)
    {
        var nhwc = empty([batch.Images.Length, reader.Size.Height, reader.Size.Width, 3], ScalarType.Float32);
        nhwc.bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(batch.Pixels);
        return nhwc.permute(0, 3, 1, 2);
    }
}
