using System.Buffers;

namespace TransferKit.Training;

/// <summary>A batch that is ready for libtorch: n, h, w, 3 as the network takes it. The memory goes back when it is disposed.</summary>
internal sealed class PixelBatch(int[] images, float[] rented, int imageLength) : IDisposable
{
    /// <summary>The images' places in their data set, those left out not among them.</summary>
    public int[] Images { get; } = images;

    public Span<float> Pixels => rented.AsSpan(0, Images.Length * imageLength);

    public void Dispose() => ArrayPool<float>.Shared.Return(rented);
}

/// <summary>Prepares batches while others are trained on: a few ahead, in order, each on a thread of its own.</summary>
/// <param name="reader">Where images come from.</param>
/// <param name="preprocess">What is done to pixels before the first layer.</param>
/// <param name="augmentation">What is done before that, on training only.</param>
internal sealed class BatchReader(ImageReader reader, PreprocessMode preprocess, IReadOnlyList<Augmentation> augmentation)
{
    private static readonly int Ahead = Math.Clamp(Environment.ProcessorCount, 2, 8);

    /// <summary>Batches in the given order.</summary>
    /// <param name="order">Places of images.</param>
    /// <param name="batchSize">How many at once; the last batch has what is left.</param>
    /// <param name="key">What each image's augmentation is drawn from, besides its place: seed and epoch.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public IEnumerable<PixelBatch> Read(int[] order, int batchSize, long key, CancellationToken cancellationToken)
    {
        var coming = new Queue<Task<PixelBatch>>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            foreach (var images in order.Chunk(batchSize))
            {
                coming.Enqueue(Task.Run(() => Prepare(images, key, stop.Token), stop.Token));
                if (coming.Count > Ahead)
                    yield return coming.Dequeue().GetAwaiter().GetResult();
            }
            while (coming.TryDequeue(out var batch))
                yield return batch.GetAwaiter().GetResult();
        }
        finally
        {
            stop.Cancel();
            foreach (var batch in coming)
                batch.ContinueWith(b => b.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    private PixelBatch Prepare(int[] images, long key, CancellationToken cancellationToken)
    {
        var length = reader.Size.Height * reader.Size.Width * 3;
        var rented = ArrayPool<float>.Shared.Rent(images.Length * length);
        var taken = new List<int>(images.Length);
        foreach (var image in images)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (reader.Read(image, cancellationToken) is not { } bytes)
                continue;
            var to = rented.AsSpan(taken.Count * length, length);
            var pixels = FloatImage.Of(bytes, reader.Size.Height, reader.Size.Width);
            if (augmentation.Count > 0)
            {
                var random = Draw.Random(key, image);
                foreach (var layer in augmentation)
                    layer.Apply(pixels, random);
            }
            Preprocess.Apply(pixels.Pixels, to, preprocess);
            taken.Add(image);
        }
        return new([.. taken], rented, length);
    }
}
