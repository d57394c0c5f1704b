using TransferKit.Backbones;
using TransferKit.Graph;
using TransferKit.WeightSources;
using static TorchSharp.torch;

namespace TransferKit.Training.Fitting;

/// <summary>
/// The outputs of a network's frozen front for every image of a data set, computed once by ONNX Runtime. What follows is
/// trained on them as if on images.
/// </summary>
internal sealed class FeatureCache
{
    private readonly Shape _shape;
    private readonly float[]?[] _rows;

    private FeatureCache(Shape shape, float[]?[] rows) => (_shape, _rows) = (shape, rows);

    public static long SizeOf(Layer boundary, int images) => boundary.OutputShape.Count * sizeof(float) * images;

    /// <param name="front">The network up to the layer whose outputs are kept.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="reader">The images.</param>
    /// <param name="progress">Told how many are done, and of how many.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static FeatureCache Compute(
        INetwork front, IWeightSource weights, ImageReader reader, Action<int, int> progress, CancellationToken cancellationToken)
    {
        const int batchSize = 32;
        using var runtime = BackboneRuntime.Of(front, weights, cancellationToken);
        var rows = new float[reader.Folder.Images.Count][];
        var order = Enumerable.Range(0, rows.Length).ToArray();
        var done = 0;
        foreach (var batch in new BatchReader(reader, PreprocessMode.None, []).Read(order, batchSize, 0, cancellationToken))
        {
            using (batch)
            {
                if (batch.Images.Length > 0)
                {
                    var features = runtime.Run((ReadOnlySpan<float>)batch.Pixels, cancellationToken)[0];
                    for (var i = 0; i < batch.Images.Length; i++)
                        rows[batch.Images[i]] = features[i].ToArray();
                }
                done += batchSize;
                progress(Math.Min(done, rows.Length), rows.Length);
            }
        }
        return new(front.Outputs[0].OutputShape, rows);
    }

    /// <summary>The images that could be read, of those given.</summary>
    public int[] Readable(int[] images) => [.. images.Where(i => _rows[i] is not null)];

    /// <summary>The features of some images, as the layer behind takes them.</summary>
    public Tensor Gather(int[] images)
    {
        var length = (int)_shape.Count;
        var values = new float[images.Length * length];
        for (var i = 0; i < images.Length; i++)
            _rows[images[i]]!.CopyTo(values, i * length);
        // A clone is aligned as libtorch aligns: products of matrices round differently where memory begins elsewhere.
        return _shape.IsMap
            ? tensor(values, [images.Length, _shape.Height, _shape.Width, _shape.Channels]).clone().permute(0, 3, 1, 2)
            : tensor(values, [images.Length, length]).clone();
    }
}
