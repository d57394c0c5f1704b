using TransferKit.Backbones;
using TransferKit.Graph;
using TransferKit.WeightSources;
using static TorchSharp.torch;

namespace TransferKit.Training.Fitting;

/// <summary>
/// Caches the outputs of a network's frozen layers for all images of a data set. ONNX Runtime computes them once, and the
/// remaining layers train on them.
/// </summary>
internal sealed class FeatureCache
{
    private readonly Shape _shape;
    private readonly float[]?[] _rows;

    private FeatureCache(Shape shape, float[]?[] rows) => (_shape, _rows) = (shape, rows);

    public static long SizeOf(Layer boundary, int images) => boundary.OutputShape.Count * sizeof(float) * images;

    /// <summary>Computes the outputs for all images.</summary>
    /// <param name="front">The network up to the last frozen layer.</param>
    /// <param name="weights">The weights of that network.</param>
    /// <param name="reader">The reader of the images.</param>
    /// <param name="progress">A callback with the number of finished images and of all images.</param>
    /// <param name="cancellationToken">A token that cancels the computation.</param>
    public static FeatureCache Compute(
        INetwork front, IWeightSource weights, ImageReader reader, Action<int, int> progress, CancellationToken cancellationToken)
    {
        const int batchSize = 32;
        using var backbone = LoadedBackbone.Load(front, weights, cancellationToken: cancellationToken);
        var rows = new float[reader.Folder.Images.Count][];
        var order = Enumerable.Range(0, rows.Length).ToArray();
        var done = 0;
        foreach (var batch in new BatchReader(reader, PreprocessMode.None, []).Read(order, batchSize, 0, cancellationToken))
        {
            using (batch)
            {
                if (batch.Images.Length > 0)
                {
                    var features = backbone.Predict((ReadOnlySpan<float>)batch.Pixels, cancellationToken);
                    for (var i = 0; i < batch.Images.Length; i++)
                        rows[batch.Images[i]] = features[i].ToArray();
                }
                done += batchSize;
                progress(Math.Min(done, rows.Length), rows.Length);
            }
        }
        return new(front.Outputs[0].OutputShape, rows);
    }

    /// <summary>Filters the images that could be read.</summary>
    public int[] Readable(int[] images) => [.. images.Where(i => _rows[i] is not null)];

    /// <summary>Creates a tensor of the features of some images, in the layout of the next layer's input.</summary>
    public Tensor Gather(int[] images)
    {
        var length = (int)_shape.Count;
        var values = new float[images.Length * length];
        for (var i = 0; i < images.Length; i++)
            _rows[images[i]]!.CopyTo(values, i * length);
        // A clone has libtorch's alignment; matrix products round differently at another alignment.
        return _shape.IsMap
            ? tensor(values, [images.Length, _shape.Height, _shape.Width, _shape.Channels]).clone().permute(0, 3, 1, 2)
            : tensor(values, [images.Length, length]).clone();
    }
}
