using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;

namespace TransferKit.Engine;

/// <summary>
/// A loaded model that runs on ONNX Runtime. It is thread-safe. Disposal during a run takes effect when that run ends.
/// </summary>
internal sealed class OnnxEngine : IDisposable
{
    private const int KerasBatch = 32;

    // More images share each read of the weights, but the maps of too many leave the core's cache.
    private const int ImagesOfCore = 2;

    private readonly ModelSignature _model;
    private readonly CompiledModel _compiled;
    private readonly SessionOptions _options;
    private readonly InferenceSession _session;
    private readonly Lazy<InferenceSession?>? _oneThreaded;
    private readonly SessionSetup? _setup;
    private readonly Lock _lock = new();
    private int _running;
    private bool _isDisposed;

    private OnnxEngine(ModelSignature model, CompiledModel compiled, SessionOptions options, InferenceSession session, SessionSetup? setup)
    {
        (_model, _compiled, _options, _session, _setup) = (model, compiled, options, session, setup);
        // Otherwise each core would read a huge kernel separately, and the user's hook may not be called twice.
        if (ProcessorShare.Processors > 1 && !compiled.HasHugeKernel && setup is null)
            _oneThreaded = new(OpenOneThreaded);
        Slice = compiled.HasHugeKernel || setup is not null ? KerasBatch : Math.Clamp(ProcessorShare.Processors, 2, KerasBatch);
    }

    /// <summary>The outputs in the requested order.</summary>
    public ImmutableArray<ModelOutput> Outputs => _model.Outputs;

    /// <summary>
    /// The largest number of images of a slice if all cores share each slice. For a huge kernel or a session configured by the user
    /// it is the batch size of Keras' <c>predict</c>. The bound keeps memory independent of the caller's batch.
    /// </summary>
    public int Slice { get; }

    /// <summary>Whether the cache had the compiled model.</summary>
    public bool IsFromCache => _compiled.IsFromCache;

    /// <summary>Loads a model without caching it.</summary>
    /// <exception cref="EngineException">ONNX Runtime does not load it.</exception>
    public static OnnxEngine Load(
        OnnxModel model, IWeightSource weights, Action<SessionOptions>? configure = null, CancellationToken cancellation = default) =>
        Load(
            ModelRequest.Of(model, identity: ""), weights, new CompiledModelCache(null), SessionSetup.Of(ExecutionDevice.Cpu, configure),
            cancellation);

    /// <summary>Loads a model from the cache, which compiles it if necessary.</summary>
    /// <exception cref="EngineException">ONNX Runtime does not load it.</exception>
    public static OnnxEngine Load(
        ModelRequest request, IWeightSource weights, CompiledModelCache cache, SessionSetup? setup = null,
        CancellationToken cancellation = default)
    {
        // The setup may choose an execution provider or an optimiser level, so the optimiser then runs at each load.
        var compiled = cache.Open(request, weights, optimise: setup is null, cancellation);
        var model = request.Signature;
        SessionOptions? options = null;
        InferenceSession? session = null;
        try
        {
            options = CreateOptions(model, compiled, setup);
            session = Open(compiled, options);
            if (compiled.Verification.GetAwaiter().GetResult() is { } problem)
            {
                session.Dispose();
                options.Dispose();
                (session, options) = (null, null);
                cache.Reject(compiled, problem);
                // The damaged model is gone from the cache, so this compiles it again.
                return Load(request, weights, cache, setup, cancellation);
            }
            var engine = new OnnxEngine(model, compiled, options, session, setup);
            // A mapped file stays readable after its deletion, except on Windows, where the engine deletes it on disposal.
            if (!OperatingSystem.IsWindows())
                engine.DeleteTemporaryFiles();
            return engine;
        }
        catch (Exception e)
        {
            session?.Dispose();
            options?.Dispose();
            compiled.Dispose();
            if (e is OnnxRuntimeException)
                throw new EngineException($"ONNX Runtime could not load '{model.Name}' from '{compiled.ModelPath}': {e.Message}", e);
            throw;
        }
    }

    /// <summary>Runs a batch and returns each output's numbers, row-major in Keras' order.</summary>
    /// <exception cref="ArgumentException">The batch is empty, or an output does not fit into an array.</exception>
    /// <exception cref="EngineException">ONNX Runtime fails.</exception>
    public float[][] Run(IImageBatch pixels, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pixels.Count, 1, nameof(pixels));
        var outputs = Allocate(pixels);
        Run(pixels, Array.ConvertAll(outputs, o => o.AsMemory()), cancellation);
        return outputs;
    }

    /// <summary>Runs a batch into the caller's memory, which has exactly the length of each output.</summary>
    /// <exception cref="EngineException">ONNX Runtime fails.</exception>
    public void Run(IImageBatch pixels, Memory<float>[] outputs, CancellationToken cancellation = default)
    {
        using var run = Begin(pixels, outputs, cancellation);
        // A session that the user configured may run on a GPU, so it does not wait for a share of the cores.
        if (_setup is not null)
            _setup.Run(run.Work);
        else
            ProcessorShare.Run(run.Workers, run.Work);
    }

    /// <summary>
    /// Begins a run that waits for as many workers as <see cref="ProcessorShare"/> allots. Workers with one core each use the
    /// single-threaded session, where no core waits for another at the end of a layer.
    /// </summary>
    public EngineRun Begin(IImageBatch pixels, Memory<float>[] outputs, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var division = _setup is null ? ProcessorShare.DivisionFor(pixels.Count) : CoreDivision.Whole;
        var oneThreaded = division == CoreDivision.Whole ? null : _oneThreaded?.Value;
        var (session, slice) = (oneThreaded, Math.Clamp(pixels.Count / division.Workers, 1, ImagesOfCore));
        if (session is null)
            (division, session, slice) = (CoreDivision.Whole, _session, Math.Min(Slice, pixels.Count));
        // A user who limits the session's threads leaves the other cores to other work.
        if (session == _session && _setup?.Configure is null)
            pixels = new ParallelBatch(pixels);
        slice = Math.Min(slice, _model.MostImages);
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
                    $"'{name}' has {shape.Count} numbers per image, so an array holds at most {Array.MaxLength / shape.Count} images; "
                    + $"the batch has {n}. Split it.",
                    nameof(pixels));
            }
        }
        return [.. Outputs.Select(o => new float[n * o.Shape.Count])];
    }

    // A temporary model is deleted here, so the single-threaded session must open it first.
    private void DeleteTemporaryFiles()
    {
        if (!_compiled.IsCached)
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
        if (_setup is null)
            ProcessorShare.Occupy(workers);
    }

    private void Leave(int workers)
    {
        if (_setup is null)
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
            // The model may be the cause. If it stayed in the cache, every later start would fail too.
            CompiledModelCache.Discard(compiled);
            throw;
        }
    }

    private static SessionOptions CreateOptions(ModelSignature model, CompiledModel compiled, SessionSetup? setup)
    {
        var level = compiled.IsOptimised ? GraphOptimizationLevel.ORT_DISABLE_ALL : GraphOptimizationLevel.ORT_ENABLE_ALL;
        var options = EngineOptions.Create(model.Name, level, compiled.HasCustomOperators);
        // Prepacking copies a huge kernel at each load, and runs gain little from it.
        if (compiled.HasHugeKernel)
            options.AddSessionConfigEntry("session.disable_prepacking", "1");
        // Idle threads spin for the next run, but only briefly, because decoding needs the cores.
        options.AddSessionConfigEntry("session.intra_op.spin_duration_us", "1000");
        try
        {
            setup?.Apply(options);
            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }

    // Returns null if the files were deleted or damaged after the first session opened them. That session then runs all batches.
    private InferenceSession? OpenOneThreaded()
    {
        if (!_compiled.IsIntact())
            return null;
        try
        {
            using var options = CreateOptions(_model, _compiled, setup: null);
            options.IntraOpNumThreads = 1;
            return new InferenceSession(_compiled.ModelPath, options);
        }
        catch (OnnxRuntimeException)
        {
            return null;
        }
    }
}
