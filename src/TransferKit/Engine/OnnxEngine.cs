using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;

namespace TransferKit.Engine;

/// <summary>
/// A loaded model that runs on ONNX Runtime. Threads may run it at once. Disposing it during a run lets that run end.
/// </summary>
internal sealed class OnnxEngine : IDisposable
{
    private const int KerasBatch = 32;

    // One at a time costs MobileNetV2 and VGG16 3 %; four at a time MobileNetV2 and EfficientNetB0 9 %, whose maps leave the core's cache then.
    private const int ImagesOfCore = 2;

    private readonly ModelSignature _model;
    private readonly CompiledModel _compiled;
    private readonly SessionOptions _options;
    private readonly InferenceSession _session;
    private readonly Lazy<InferenceSession?>? _oneThreaded;
    private readonly bool _isConfigured;
    private readonly Lock _lock = new();
    private int _running;
    private bool _isDisposed;

    private OnnxEngine(ModelSignature model, CompiledModel compiled, SessionOptions options, InferenceSession session, bool isConfigured)
    {
        (_model, _compiled, _options, _session, _isConfigured) = (model, compiled, options, session, isConfigured);
        // Where one kernel outweighs all maps, each core would read it for itself; what a hook set is not to be set again.
        if (ProcessorShare.Cores > 1 && !compiled.HasHugeKernel && !isConfigured)
            _oneThreaded = new(OpenOneThreaded);
        Slice = compiled.HasHugeKernel || isConfigured ? KerasBatch : Math.Clamp(ProcessorShare.Cores, 2, KerasBatch);
    }

    /// <summary>The outputs in the order in which they were asked for.</summary>
    public ImmutableArray<ModelOutput> Outputs => _model.Outputs;

    /// <summary>
    /// How many images run at once, at most, where all cores share each run. Where one kernel outweighs all maps, or the hook may
    /// have brought another processor, as many as Keras' <c>predict</c> takes; never more, or memory would grow with the
    /// caller's batch.
    /// </summary>
    public int Slice { get; }

    /// <summary>Loads a model that is not to be kept.</summary>
    /// <exception cref="EngineException">ONNX Runtime does not load it.</exception>
    public static OnnxEngine Load(
        OnnxModel model, IWeightSource weights, Action<SessionOptions>? configure = null, CancellationToken cancellation = default) =>
        Load(ModelRequest.Of(model, identity: ""), weights, new CompiledModelCache(null), configure, cancellation);

    /// <summary>Takes a model from the cache, or compiles it, and loads it.</summary>
    /// <exception cref="EngineException">ONNX Runtime does not load it.</exception>
    public static OnnxEngine Load(
        ModelRequest request, IWeightSource weights, CompiledModelCache cache, Action<SessionOptions>? configure = null,
        CancellationToken cancellation = default)
    {
        // The hook may bring a processor or an optimiser's level of its own: then the optimiser runs at each load.
        var compiled = cache.Open(request, weights, optimise: configure is null, cancellation);
        var model = request.Signature;
        SessionOptions? options = null;
        try
        {
            options = CreateOptions(model, compiled, configure);
            var session = Open(compiled, options);
            var engine = new OnnxEngine(model, compiled, options, session, isConfigured: configure is not null);
            // A mapped file lives on without a name, but not on Windows: there it goes with the engine.
            if (!OperatingSystem.IsWindows())
                engine.LetGo();
            return engine;
        }
        catch (Exception e)
        {
            options?.Dispose();
            compiled.Dispose();
            if (e is OnnxRuntimeException)
                throw new EngineException($"ONNX Runtime could not load '{model.Name}' from '{compiled.ModelPath}': {e.Message}", e);
            throw;
        }
    }

    /// <summary>Runs a batch; returns each output's numbers, row-major in Keras' order.</summary>
    /// <exception cref="ArgumentException">The batch is empty, or an output of it is longer than an array can be.</exception>
    /// <exception cref="EngineException">ONNX Runtime fails.</exception>
    public float[][] Run(IImageBatch pixels, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pixels.Count, 1, nameof(pixels));
        var outputs = Allocate(pixels);
        Run(pixels, [.. outputs.Select(o => o.AsMemory())], cancellation);
        return outputs;
    }

    /// <summary>Runs a batch into memory of the caller's, as long as each output is.</summary>
    /// <exception cref="EngineException">ONNX Runtime fails.</exception>
    public void Run(IImageBatch pixels, ImmutableArray<Memory<float>> outputs, CancellationToken cancellation = default)
    {
        using var run = Begin(pixels, outputs, cancellation);
        // The caller's own session may run on another processor, beside the decoding of pictures.
        if (_isConfigured)
            run.Work();
        else
            ProcessorShare.Run(run.Workers, run.Work);
    }

    /// <summary>
    /// Begins a run that waits for workers, as many as <see cref="ProcessorShare"/> says. Workers of one core each use the session without
    /// threads of its own, where no layer's end makes a core wait for another.
    /// </summary>
    public EngineRun Begin(IImageBatch pixels, ImmutableArray<Memory<float>> outputs, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var division = _isConfigured ? CoreDivision.Whole : ProcessorShare.DivisionFor(pixels.Count);
        var oneThreaded = division.Threads < ProcessorShare.Cores ? _oneThreaded?.Value : null;
        var (session, slice) = (oneThreaded, Math.Clamp(pixels.Count / division.Workers, 1, ImagesOfCore));
        if (session is null)
            (division, session, slice) = (CoreDivision.Whole, _session, Math.Min(Slice, pixels.Count));
        Enter(division.Workers);
        try
        {
            return new(_model, session, pixels, outputs, slice, division, () => Leave(division.Workers), cancellation);
        }
        catch
        {
            Leave(division.Workers);
            throw;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            if (_running > 0)
                return;
        }
        Free();
    }

    private float[][] Allocate(IImageBatch pixels)
    {
        var n = pixels.Count;
        foreach (var (name, shape) in Outputs)
        {
            if (n * shape.Count > Array.MaxLength)
            {
                throw new ArgumentException(
                    $"'{name}' gives {shape.Count} numbers for an image: an array holds those of {Array.MaxLength / shape.Count} images at most, not of {n}.", nameof(pixels));
            }
        }
        return [.. Outputs.Select(o => GC.AllocateUninitializedArray<float>((int)(n * o.Shape.Count)))];
    }

    // What is not kept is deleted, so the second session opens it before.
    private void LetGo()
    {
        if (!_compiled.IsKept)
            _ = _oneThreaded?.Value;
        _compiled.Dispose();
    }

    private void Enter(int workers)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _running++;
        }
        if (!_isConfigured)
            ProcessorShare.Occupy(workers);
    }

    private void Leave(int workers)
    {
        if (!_isConfigured)
            ProcessorShare.Vacate(workers);
        lock (_lock)
        {
            if (--_running > 0 || !_isDisposed)
                return;
        }
        Free();
    }

    private void Free()
    {
        _session.Dispose();
        if (_oneThreaded is { IsValueCreated: true })
            _oneThreaded.Value?.Dispose();
        _options.Dispose();
        _compiled.Dispose();
    }

    private static InferenceSession Open(CompiledModel compiled, SessionOptions options)
    {
        try
        {
            return new InferenceSession(compiled.ModelPath, options);
        }
        catch (OnnxRuntimeException)
        {
            // It may be the model that is at fault: kept, it would fail every start to come.
            CompiledModelCache.Discard(compiled);
            throw;
        }
    }

    private static SessionOptions CreateOptions(ModelSignature model, CompiledModel compiled, Action<SessionOptions>? configure)
    {
        var options = EngineOptions.Create(model.Name, compiled.IsOptimised ? GraphOptimizationLevel.ORT_DISABLE_ALL : GraphOptimizationLevel.ORT_ENABLE_ALL, withOwnOperators: configure is null);
        // Packing such a kernel for the processor copies gigabytes at each load, and speeds up no run by more than a little.
        if (compiled.HasHugeKernel)
            options.AddSessionConfigEntry("session.disable_prepacking", "1");
        // Threads wait for the next run awake, but not so long that they would take the processor from image work.
        options.AddSessionConfigEntry("session.intra_op.spin_duration_us", "1000");
        configure?.Invoke(options);
        return options;
    }

    // Null where the files are gone or damaged since the first session was opened: then that one does it all.
    private InferenceSession? OpenOneThreaded()
    {
        if (!_compiled.IsIntact())
            return null;
        try
        {
            using var options = CreateOptions(_model, _compiled, configure: null);
            options.IntraOpNumThreads = 1;
            return new InferenceSession(_compiled.ModelPath, options);
        }
        catch (OnnxRuntimeException)
        {
            return null;
        }
    }
}
