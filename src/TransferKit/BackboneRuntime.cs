using System.Numerics.Tensors;
using TransferKit.Imaging;
using TransferKit.Onnx;
using TransferKit.WeightSources;

namespace TransferKit;

/// <summary>A plan with an engine that runs it: checks pixels, prepares them, and shapes what comes out.</summary>
internal sealed class BackboneRuntime : IDisposable
{
    private readonly OnnxEngine _engine;
    private readonly long _imageLength;

    private BackboneRuntime(BackbonePlan plan, OnnxEngine engine)
    {
        (Plan, _engine) = (plan, engine);
        _imageLength = 3L * plan.InputSize.Height * plan.InputSize.Width;
        Outputs = [.. plan.Outputs.Select(o => new BackboneOutput(o.Name, o.OutputShape.Dimensions))];
    }

    public BackbonePlan Plan { get; }
    public IReadOnlyList<BackboneOutput> Outputs { get; }

    public static async Task<BackboneRuntime> LoadAsync(
        BackbonePlan plan, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var store = new WeightStore(plan.Options.Store);
        using var weights = await plan.OpenWeightsAsync(store, progress, cancellationToken).ConfigureAwait(false);
        var cache = new CompiledModelCache(plan.Options.CacheCompiledModel ? Path.Combine(store.CacheDirectory, "transferkit") : null);
        // Compiling and loading take a processor for a while: not on the caller's thread, which may be a user interface's.
        var engine = await Task.Run(() =>
        {
            // The hook may bring another processor, which knows ONNX' operators and not ours.
            var model = plan.Options.ConfigureSession is null
                ? OnnxWriter.TranslateForEngine(plan.Graph, plan.Outputs)
                : OnnxWriter.Translate(plan.Graph, plan.Outputs, InputForm.Planar);
            return OnnxEngine.Load(model, weights, cache, plan.Options.ConfigureSession, cancellationToken);
        }, cancellationToken).ConfigureAwait(false);
        return new(plan, engine);
    }

    // Run apart from the caller's context, so that waiting for it cannot lock a user interface.
    public static BackboneRuntime Load(
        BackbonePlan plan, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken) =>
        Task.Run(() => LoadAsync(plan, progress, cancellationToken), cancellationToken).GetAwaiter().GetResult();

    public FeatureTensor[] Run(ReadOnlySpan<byte> pixels, CancellationToken cancellationToken) =>
        Run(pixels, Preprocess.ToPlanar, cancellationToken);

    public FeatureTensor[] Run(ReadOnlySpan<float> pixels, CancellationToken cancellationToken) => pixels.IsEmpty || TensorPrimitives.IsFiniteAll(pixels)
        ? Run(pixels, Preprocess.ToPlanar, cancellationToken)
        : throw NotFinite(pixels);

    public FeatureTensor TheOutput(FeatureTensor[] outputs) => outputs.Length == 1
        ? outputs[0]
        : throw new InvalidOperationException($"{Plan.Graph.Name} was loaded with {outputs.Length} outputs: PredictAll gives them by layer.");

    public IReadOnlyDictionary<string, FeatureTensor> ByLayer(FeatureTensor[] outputs) =>
        Outputs.Zip(outputs).ToDictionary(o => o.First.Layer, o => o.Second);

    public void Dispose() => _engine.Dispose();

    private delegate void Prepare<T>(ReadOnlySpan<T> nhwc, Span<float> nchw, int n, int height, int width, PreprocessMode mode);

    private FeatureTensor[] Run<T>(ReadOnlySpan<T> pixels, Prepare<T> prepare, CancellationToken cancellationToken)
    {
        var n = BatchOf(pixels);
        var results = _engine.Run(new Pixels<T>(pixels, n, prepare, Plan), cancellationToken);
        return [.. Outputs.Zip(results, (output, values) => new FeatureTensor([n, .. output.Shape], values))];
    }

    private int BatchOf<T>(ReadOnlySpan<T> pixels) => !pixels.IsEmpty && pixels.Length % _imageLength == 0
        ? (int)(pixels.Length / _imageLength)
        : throw new ArgumentException(
            $"{pixels.Length} values are no batch of images: {Plan.Graph.Name} takes (n, {Plan.InputSize.Height}, {Plan.InputSize.Width}, 3), a multiple of {_imageLength}.", nameof(pixels));

    private ArgumentException NotFinite(ReadOnlySpan<float> pixels)
    {
        var at = 0;
        while (float.IsFinite(pixels[at]))
            at++;
        var (n, rest) = Math.DivRem(at, _imageLength);
        var (y, inRow) = Math.DivRem(rest, Plan.InputSize.Width * 3);
        return new($"The value at image {n}, row {y}, column {inRow / 3}, channel {inRow % 3} is {pixels[at]}: pixels are numbers from 0 to 255.", nameof(pixels));
    }

    private readonly ref struct Pixels<T>(ReadOnlySpan<T> pixels, int count, Prepare<T> prepare, BackbonePlan plan) : IImageBatch
    {
        private readonly ReadOnlySpan<T> _pixels = pixels;

        public int Count => count;

        public void Read(int first, int count, Span<float> planar)
        {
            var imageLength = planar.Length / count;
            prepare(_pixels.Slice(first * imageLength, planar.Length), planar, count, plan.InputSize.Height, plan.InputSize.Width, plan.Preprocess);
        }
    }
}
