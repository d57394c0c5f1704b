using System.Numerics.Tensors;
using TransferKit.Common;
using TransferKit.Engine;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;

namespace TransferKit.Backbones;

/// <summary>
/// Represents a network on an engine. It checks and prepares pixels, runs them, and gives the outputs their shapes. Named applications
/// and models from files are the same here.
/// </summary>
internal sealed class LoadedBackbone : IBackbone
{
    private readonly BackboneFacts _facts;
    private readonly OnnxEngine _engine;
    private readonly long _imageLength;

    private LoadedBackbone(BackboneFacts facts, OnnxEngine engine, IWeightSource weights)
    {
        (_facts, _engine) = (facts, engine);
        (UnboundLayers, NestedModel, UnusedLayers) = (weights.UnboundLayers, weights.NestedModel, weights.UnusedLayers);
        _imageLength = 3L * InputSize.Height * InputSize.Width;
    }

    public string Name => _facts.Name;
    public ImageSize InputSize => _facts.InputSize;
    public PreprocessMode Preprocess => _facts.Preprocess;
    public ImageLoadOptions Images => _facts.Images;
    public IReadOnlyList<string> UnboundLayers { get; }
    public string? NestedModel { get; }
    public IReadOnlyList<string> UnusedLayers { get; }
    public IReadOnlyList<BackboneOutput> Outputs => _facts.Outputs;

    /// <summary>Gets a function that tells what determines the features; null for a network that was not loaded by name.</summary>
    public Func<BackboneIdentity>? Identify { get; set; }

    /// <summary>Compiles a network with open weights, or takes it from the cache, and starts the engine.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">The weights, which are read before the call returns. The caller disposes them.</param>
    /// <param name="options">The options of the compiler. Defaults to floats without a cache.</param>
    /// <param name="cancellationToken">Token to cancel the compilation.</param>
    public static LoadedBackbone Load(
        INetwork network, IWeightSource weights, CompilerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        var request = new ModelCompiler(network, options).ForEngine(weights, cancellationToken);
        var compiler = network.Identity is null ? options with { CacheFolder = null } : options;
        return Load(BackboneFacts.Of(network), request, weights, compiler, cancellationToken);
    }

    /// <summary>Compiles a requested model, or takes it from the cache, and starts the engine.</summary>
    public static LoadedBackbone Load(
        BackboneFacts facts, ModelRequest request, IWeightSource weights, CompilerOptions options, CancellationToken cancellationToken)
    {
        using var timing = Instrumentation.Load?.Begin(Instrumentation.Model, facts.Name);
        try
        {
            var setup = SessionSetup.Of(options.Device, options.ConfigureSession);
            var cache = new CompiledModelCache(options.CacheFolder, options.Log);
            var engine = OnnxEngine.Load(request, weights, cache, setup, cancellationToken);
            timing?.Tag(Instrumentation.Cache, options.CacheFolder is null ? "off" : engine.IsFromCache ? "hit" : "miss");
            return new(facts, engine, weights);
        }
        catch (Exception e) when (timing?.IsHandled(e) == true || NativeLibraryException.Of(e) is not null)
        {
            throw NativeLibraryException.Of(e)!;
        }
    }

    public unsafe FeatureTensor Predict(ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default)
    {
        fixed (byte* first = pixels)
            return Single(Run(new(first, pixels.Length, areFloats: false), cancellationToken));
    }

    public unsafe FeatureTensor Predict(ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default)
    {
        fixed (float* first = Finite(pixels))
            return Single(Run(new(first, pixels.Length, areFloats: true), cancellationToken));
    }

    public unsafe void Predict(ReadOnlySpan<byte> pixels, Memory<float> output, CancellationToken cancellationToken = default)
    {
        fixed (byte* first = pixels)
            Run(new(first, pixels.Length, areFloats: false), output, cancellationToken);
    }

    public unsafe void Predict(ReadOnlySpan<float> pixels, Memory<float> output, CancellationToken cancellationToken = default)
    {
        fixed (float* first = Finite(pixels))
            Run(new(first, pixels.Length, areFloats: true), output, cancellationToken);
    }

    public unsafe IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default)
    {
        fixed (byte* first = pixels)
            return ByLayer(Run(new(first, pixels.Length, areFloats: false), cancellationToken));
    }

    public unsafe IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default)
    {
        fixed (float* first = Finite(pixels))
            return ByLayer(Run(new(first, pixels.Length, areFloats: true), cancellationToken));
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(BackboneIdentity) ? Identify?.Invoke()
            : null;
    }

    public ModelSummary Summary() => _facts.Summary();

    public void Dispose() => _engine.Dispose();

    /// <summary>Returns the name, the input size and the outputs.</summary>
    public override string ToString() => $"{Name} {InputSize} -> {string.Join(", ", Outputs)}";

    private FeatureTensor[] Run(PinnedPixels pixels, CancellationToken cancellationToken)
    {
        var n = BatchOf(pixels);
        float[][] results = [];
        WithPixels(pixels, n, batch => results = _engine.Run(batch, cancellationToken));
        return [.. Outputs.Select((output, i) => new FeatureTensor(output.ShapeOf(n), results[i]))];
    }

    private void Run(PinnedPixels pixels, Memory<float> output, CancellationToken cancellationToken)
    {
        var n = BatchOf(pixels);
        ThrowIfNotFitting(n, output);
        WithPixels(pixels, n, batch => _engine.Run(batch, [output], cancellationToken));
    }

    private FeatureTensor Single(FeatureTensor[] outputs) => outputs.Length == 1 ? outputs[0] : throw SeveralOutputs();

    private Dictionary<string, FeatureTensor> ByLayer(FeatureTensor[] outputs) =>
        Outputs.Zip(outputs).ToDictionary(o => o.First.Layer, o => o.Second);

    private ReadOnlySpan<float> Finite(ReadOnlySpan<float> pixels) =>
        pixels.IsEmpty || TensorPrimitives.IsFiniteAll(pixels) ? pixels : throw NotFinite(pixels);

    private void WithPixels(PinnedPixels pixels, int n, Action<IImageBatch> run)
    {
        Instrumentation.BeginRun();
        var timing = Instrumentation.Predict?.Begin(Instrumentation.Model, Name);
        timing?.TagSpan(Instrumentation.BatchSize, n);
        try
        {
            run(pixels.Batch(n, _facts));
            Instrumentation.CountImages(Name, n);
        }
        catch (Exception e) when (timing?.IsHandled(e) == true)
        {
            throw;
        }
        finally
        {
            timing?.Dispose();
            Instrumentation.EndRun();
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
        new($"{Name} was loaded with {Outputs.Count} outputs ({string.Join(", ", Outputs.Select(o => o.Layer))}): "
            + "call PredictAll, which returns them by name.");

    private int BatchOf(PinnedPixels pixels) => pixels.Length > 0 && pixels.Length % _imageLength == 0
        ? (int)(pixels.Length / _imageLength)
        : throw new ArgumentException(
            $"{pixels.Length} values are not a batch of images: {Name} takes "
            + $"(n, {InputSize.Height}, {InputSize.Width}, 3), a multiple of {_imageLength}.", nameof(pixels));

    private ArgumentException NotFinite(ReadOnlySpan<float> pixels)
    {
        var at = 0;
        while (float.IsFinite(pixels[at]))
            at++;
        var (n, rest) = Math.DivRem(at, _imageLength);
        var (y, inRow) = Math.DivRem(rest, InputSize.Width * 3);
        return new(
            $"The value at image {n}, row {y}, column {inRow / 3}, channel {inRow % 3} is {pixels[at]}: pixels must be from 0 to 255.",
            nameof(pixels));
    }
}
