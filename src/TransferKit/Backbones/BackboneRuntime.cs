using System.Numerics.Tensors;
using TransferKit.Engine;
using TransferKit.Onnx;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Store;

namespace TransferKit.Backbones;

/// <summary>Runs a network on an engine: checks and prepares pixels, and gives the outputs their shapes.</summary>
internal sealed class BackboneRuntime : IDisposable
{
    private readonly OnnxEngine _engine;
    private readonly long _imageLength;

    private BackboneRuntime(INetwork plan, OnnxEngine engine)
    {
        (Plan, _engine) = (plan, engine);
        _imageLength = 3L * plan.InputSize.Height * plan.InputSize.Width;
        var reductions = Graph.Stages.Reductions(plan.Graph);
        Outputs = [.. plan.Outputs.Select(o => new BackboneOutput(o, reductions[o]))];
    }

    public INetwork Plan { get; }
    public IReadOnlyList<BackboneOutput> Outputs { get; }

    /// <summary>Gets the layers with initial values, for <see cref="IBackbone.UnboundLayers"/>.</summary>
    public IReadOnlyList<string> UnboundLayers { get; private init; } = [];

    /// <summary>Gets a function that tells what determines the features; null for a network that was not loaded by name.</summary>
    public Func<BackboneIdentity>? Identify { get; private init; }

    /// <summary>Gets the default options of images, for <see cref="IBackbone.Images"/>.</summary>
    public ImageLoadOptions Images { get; private init; } = ImageLoadOptions.Default;

    public static async Task<BackboneRuntime> LoadAsync(
        BackbonePlan plan, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var store = new WeightStore(plan.Options.Store);
        using var weights = await plan.OpenWeightsAsync(store, progress, cancellationToken).ConfigureAwait(false);
        var folder = plan.CompiledModels(store);
        // Compiling and loading are long computations, and the caller may be on the thread of a user interface.
        var engine = await Task.Run(() =>
        {
            var model = plan.ForEngine(weights, folder, cancellationToken);
            var cache = new CompiledModelCache(folder, store.Log);
            return OnnxEngine.Load(model, weights, cache, plan.Options.ConfigureSession, cancellationToken);
        }, cancellationToken).ConfigureAwait(false);
        return new(plan, engine)
        {
            UnboundLayers = weights.UnboundLayers,
            Images = plan.Options.Images,
            Identify = () => new(plan.Describe(), () => WeightLoader.IdentityOf(plan.Options.Weights, plan.PublishedWeights, store)),
        };
    }

    /// <summary>Loads a network with open weights. Its compiled model is temporary.</summary>
    public static BackboneRuntime Of(INetwork network, IWeightSource weights, CancellationToken cancellationToken = default)
    {
        var model = OnnxWriter.TranslateForEngine(network.Graph, network.Outputs);
        return new(network, OnnxEngine.Load(model, weights, cancellation: cancellationToken));
    }

    // The task runs outside the caller's synchronization context, so that waiting for it cannot deadlock a user interface.
    public static BackboneRuntime Load(
        BackbonePlan plan, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken) =>
        Task.Run(() => LoadAsync(plan, progress, cancellationToken), cancellationToken).GetAwaiter().GetResult();

    public FeatureTensor[] Run(ReadOnlySpan<byte> pixels, CancellationToken cancellationToken) =>
        Run(pixels, Preprocess.ToPlanar, cancellationToken);

    public FeatureTensor[] Run(ReadOnlySpan<float> pixels, CancellationToken cancellationToken) =>
        pixels.IsEmpty || TensorPrimitives.IsFiniteAll(pixels)
            ? Run(pixels, Preprocess.ToPlanar, cancellationToken)
            : throw NotFinite(pixels);

    public void Run(ReadOnlySpan<byte> pixels, Memory<float> output, CancellationToken cancellationToken)
    {
        var n = BatchOf(pixels);
        ThrowIfNotFitting(n, output);
        WithPixels(pixels, n, Preprocess.ToPlanar, batch => _engine.Run(batch, [output], cancellationToken));
    }

    public FeatureTensor SingleOutput(FeatureTensor[] outputs) => outputs.Length == 1
        ? outputs[0]
        : throw SeveralOutputs();

    public IReadOnlyDictionary<string, FeatureTensor> ByLayer(FeatureTensor[] outputs) =>
        Outputs.Zip(outputs).ToDictionary(o => o.First.Layer, o => o.Second);

    public void Dispose() => _engine.Dispose();

    private delegate void Prepare<T>(ReadOnlySpan<T> nhwc, Span<float> nchw, int n, int height, int width, PreprocessMode mode);

    private delegate ReadOnlySpan<T> Cut<T>(int first, int count);

    private FeatureTensor[] Run<T>(ReadOnlySpan<T> pixels, Prepare<T> prepare, CancellationToken cancellationToken)
        where T : unmanaged
    {
        var n = BatchOf(pixels);
        float[][] results = [];
        WithPixels(pixels, n, prepare, batch => results = _engine.Run(batch, cancellationToken));
        return [.. Outputs.Zip(results, (output, values) => new FeatureTensor([n, .. output.Shape], values))];
    }

    // Several threads read the pixels, and they cannot share a span, so the memory is pinned until all are done.
    private unsafe void WithPixels<T>(ReadOnlySpan<T> pixels, int n, Prepare<T> prepare, Action<IImageBatch> run)
        where T : unmanaged
    {
        fixed (T* pinned = pixels)
        {
            var at = pinned;
            run(new Pixels<T>((first, count) => new(at + first, count), n, prepare, Plan));
        }
    }

    private void ThrowIfNotFitting(int n, Memory<float> output)
    {
        if (Outputs.Count != 1)
            throw SeveralOutputs();
        var length = Outputs[0].Shape.Aggregate((long)n, (product, d) => product * d);
        if (output.Length != length)
            throw new ArgumentException($"The output of {n} images has {length} values; the memory holds {output.Length}.", nameof(output));
    }

    private InvalidOperationException SeveralOutputs() =>
        new($"{Plan.Graph.Name} was loaded with {Outputs.Count} outputs: call PredictAll, which returns them by layer.");

    private int BatchOf<T>(ReadOnlySpan<T> pixels) => !pixels.IsEmpty && pixels.Length % _imageLength == 0
        ? (int)(pixels.Length / _imageLength)
        : throw new ArgumentException(
            $"{pixels.Length} values are not a batch of images: {Plan.Graph.Name} takes "
            + $"(n, {Plan.InputSize.Height}, {Plan.InputSize.Width}, 3), a multiple of {_imageLength}.", nameof(pixels));

    private ArgumentException NotFinite(ReadOnlySpan<float> pixels)
    {
        var at = 0;
        while (float.IsFinite(pixels[at]))
            at++;
        var (n, rest) = Math.DivRem(at, _imageLength);
        var (y, inRow) = Math.DivRem(rest, Plan.InputSize.Width * 3);
        return new(
            $"The value at image {n}, row {y}, column {inRow / 3}, channel {inRow % 3} is {pixels[at]}: pixels must be from 0 to 255.",
            nameof(pixels));
    }

    private sealed class Pixels<T>(Cut<T> pixels, int count, Prepare<T> prepare, INetwork plan) : IImageBatch
    {
        public int Count => count;

        public void Read(int first, int count, Span<float> planar)
        {
            var imageLength = planar.Length / count;
            var (height, width) = (plan.InputSize.Height, plan.InputSize.Width);
            prepare(pixels(first * imageLength, planar.Length), planar, count, height, width, plan.Preprocess);
        }
    }
}
