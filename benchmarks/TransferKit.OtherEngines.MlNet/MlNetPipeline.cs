using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;

namespace TransferKit.OtherEngines.MlNet;

/// <summary>
/// Runs ML.NET's image pipeline: LoadImages, ResizeImages, ExtractPixels, Keras' preprocessing, ApplyOnnxModel. Its API has
/// only types of the base library, because a separate context loads it.
/// </summary>
public sealed class MlNetPipeline : IDisposable
{
    private const string Pixels = "pixels";
    private readonly MLContext _context = new();
    private readonly (int Height, int Width) _size;
    private readonly ITransformer _engine;
    private readonly ITransformer _images;
    private readonly string _output;

    /// <param name="model">The path of the plain <c>.onnx</c> file.</param>
    /// <param name="input">The name of its input, <c>(n, 3, h, w)</c>.</param>
    /// <param name="output">The name of its output.</param>
    /// <param name="height">The height of the input.</param>
    /// <param name="width">The width of the input.</param>
    /// <param name="isBlueFirst">Whether the first plane is blue.</param>
    /// <param name="means">The number to subtract from each plane.</param>
    /// <param name="scale">The factor of the differences.</param>
    public MlNetPipeline(string model, string input, string output, int height, int width, bool isBlueFirst, float[] means, float scale)
    {
        (_size, _output) = ((height, width), output);
        var area = height * width;
        void Prepare(Planes from, Prepared to)
        {
            to.Values = new float[from.Values.Length];
            for (var i = 0; i < to.Values.Length; i++)
                to.Values[i] = (from.Values[i] - means[i / area]) * scale;
        }

        var apply = _context.Transforms.ApplyOnnxModel(
            [output], [input], model, new Dictionary<string, int[]> { [input] = [1, 3, height, width] }, gpuDeviceId: null,
            fallbackToCpu: false);
        var rename = _context.Transforms.CopyColumns(input, nameof(Prepared.Values)).Append(apply);
        _engine = rename.Fit(_context.Data.LoadFromEnumerable<Prepared>([], Schema<Prepared>()));
        var pipeline = _context.Transforms.LoadImages("image", null, nameof(ImageFile.Path))
            .Append(_context.Transforms.ResizeImages("image", width, height, resizing: ImageResizingEstimator.ResizingKind.Fill))
            .Append(_context.Transforms.ExtractPixels(Pixels, "image", interleavePixelColors: false,
                orderOfExtraction: isBlueFirst
                    ? ImagePixelExtractingEstimator.ColorsOrder.ABGR
                    : ImagePixelExtractingEstimator.ColorsOrder.ARGB))
            .Append(_context.Transforms.CustomMapping<Planes, Prepared>(Prepare, null, Schema<Planes>(Pixels), Schema<Prepared>()))
            .Append(rename);
        _images = pipeline.Fit(_context.Data.LoadFromEnumerable<ImageFile>([]));
    }

    /// <summary>Computes features from preprocessed planes. The transformer runs one image at a time.</summary>
    public float[] Run(float[] planar, int count)
    {
        var length = 3 * _size.Height * _size.Width;
        var rows = Enumerable.Range(0, count).Select(i => new Prepared { Values = planar.AsSpan(i * length, length).ToArray() });
        return [.. Features(_engine, _context.Data.LoadFromEnumerable(rows, Schema<Prepared>())).SelectMany(f => f)];
    }

    /// <summary>Computes features from files, in their order.</summary>
    public float[][] Extract(string[] files) =>
        [.. Features(_images, _context.Data.LoadFromEnumerable(files.Select(f => new ImageFile { Path = f })))];

    public void Dispose()
    {
        (_engine as IDisposable)?.Dispose();
        (_images as IDisposable)?.Dispose();
    }

    private IEnumerable<float[]> Features(ITransformer transformer, IDataView rows) =>
        transformer.Transform(rows).GetColumn<float[]>(_output);

    private SchemaDefinition Schema<T>(string? column = null)
    {
        var schema = SchemaDefinition.Create(typeof(T));
        var values = schema[nameof(Prepared.Values)];
        values.ColumnType = new VectorDataViewType(NumberDataViewType.Single, 3 * _size.Height * _size.Width);
        values.ColumnName = column ?? values.ColumnName;
        return schema;
    }

    private sealed class ImageFile
    {
        public string Path { get; set; } = "";
    }

    private sealed class Planes
    {
        public float[] Values { get; set; } = [];
    }

    private sealed class Prepared
    {
        public float[] Values { get; set; } = [];
    }
}
