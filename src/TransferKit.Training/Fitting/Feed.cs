using TransferKit.Graph;
using static TorchSharp.torch;

namespace TransferKit.Training.Fitting;

/// <summary>A batch on its way into a network. The memory goes back when it is disposed.</summary>
internal sealed class FeedBatch(int[] images, Func<Tensor> input, IDisposable? memory) : IDisposable
{
    public int[] Images => images;

    /// <summary>The input of the layer behind <see cref="Feed.Start"/>, in the scope of the caller.</summary>
    public Tensor Input() => input();

    public void Dispose() => memory?.Dispose();
}

/// <summary>
/// A data set as a network takes it: images from their files, or the outputs of its frozen front that were computed once.
/// </summary>
/// <param name="reader">The images.</param>
/// <param name="batches">Prepares them.</param>
/// <param name="start">The layer whose outputs the feed gives: the graph's input, or the last of its frozen front.</param>
/// <param name="features">The frozen front's outputs; null for images.</param>
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

    // The pixels stay in their order: libtorch takes strides, and its convolutions run at least as fast with channels last.
    private Tensor ToTensor(PixelBatch batch)
    {
        var nhwc = empty([batch.Images.Length, reader.Size.Height, reader.Size.Width, 3], ScalarType.Float32);
        nhwc.bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(batch.Pixels);
        return nhwc.permute(0, 3, 1, 2);
    }
}
