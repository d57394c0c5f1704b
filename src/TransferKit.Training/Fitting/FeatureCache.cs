using TorchSharp;
using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Training.Torch;
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

    public static FeatureCache Compute(
        TorchGraph graph, Layer boundary, ImageReader reader, PreprocessMode preprocess, Action<int, int> progress, CancellationToken cancellationToken)
    {
        const int batchSize = 32;
        using var engine = OnnxEngine.Load(
            OnnxWriter.Translate(graph.Graph, [boundary], InputForm.Planar), graph.Snapshot(), new CompiledModelCache(null), cancellation: cancellationToken);
        var rows = new float[reader.Folder.Images.Count][];
        var order = Enumerable.Range(0, rows.Length).ToArray();
        var done = 0;
        var planar = new float[batchSize * reader.Size.Height * reader.Size.Width * 3];
        foreach (var batch in new BatchReader(reader, preprocess, []).Read(order, batchSize, 0, cancellationToken))
        {
            using (batch)
            {
                if (batch.Images.Length > 0)
                {
                    var input = planar.AsSpan(0, batch.Pixels.Length);
                    Preprocess.ToPlanar(batch.Pixels, input, batch.Images.Length, reader.Size.Height, reader.Size.Width, PreprocessMode.None);
                    var features = engine.Run(input, batch.Images.Length, cancellationToken)[0];
                    var length = features.Length / batch.Images.Length;
                    for (var i = 0; i < batch.Images.Length; i++)
                        rows[batch.Images[i]] = features.AsSpan(i * length, length).ToArray();
                }
                done += batchSize;
                progress(Math.Min(done, rows.Length), rows.Length);
            }
        }
        return new(boundary.OutputShape, rows);
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
