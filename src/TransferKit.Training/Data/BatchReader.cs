using System.Buffers;

namespace TransferKit.Training;

/// <summary>Represents preprocessed pixels of shape (n, h, w, 3). Disposing the batch returns its memory to the pool.</summary>
internal sealed class PixelBatch(int[] images, float[] rented, int imageLength) : IDisposable
{
    /// <summary>Gets the indices of the images in their data set, without skipped images.</summary>
    public int[] Images { get; } = images;

    public Span<float> Pixels => rented.AsSpan(0, Images.Length * imageLength);

    public void Dispose() => ArrayPool<float>.Shared.Return(rented);
}

/// <summary>Prepares a few batches ahead on worker threads and yields them in order.</summary>
/// <param name="reader">The reader of the images.</param>
/// <param name="preprocess">The preprocessing of pixels for the first layer.</param>
/// <param name="augmentation">The augmentation before preprocessing; empty for validation.</param>
internal sealed class BatchReader(ImageReader reader, PreprocessMode preprocess, IReadOnlyList<Augmentation> augmentation)
{
    private static readonly int Ahead = Math.Clamp(Environment.ProcessorCount, 2, 8);

    /// <summary>Yields batches in the given order.</summary>
    /// <param name="order">The indices of the images.</param>
    /// <param name="batchSize">The images per batch; the last batch may be smaller.</param>
    /// <param name="key">The key of seed and epoch that seeds augmentation together with an image's index.</param>
    /// <param name="cancellationToken">A token that cancels reading.</param>
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
            {
                batch.ContinueWith(
                    b => b.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            }
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
            if (reader.Read(image, cancellationToken) is not { } pixels)
                continue;
            var to = rented.AsSpan(taken.Count * length, length);
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
