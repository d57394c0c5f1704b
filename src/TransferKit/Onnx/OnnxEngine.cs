using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Imaging;
using TransferKit.WeightSources;

namespace TransferKit.Onnx;

/// <summary>
/// A loaded model that runs on ONNX Runtime. Threads may run it at once. Disposing it during a run lets that run end.
/// </summary>
internal sealed class OnnxEngine : IDisposable
{
    private const int KerasBatch = 32;

    // MobileNets, EfficientNetB0 and NASNetMobile have 40 to 150 multiply-adds for a number that they write, ConvNeXt, ResNets and VGG 350 and more.
    private const double Light = 200;

    private readonly OnnxModel _model;
    private readonly CompiledModel _compiled;
    private readonly SessionOptions _options;
    private readonly InferenceSession _session;
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly Lock _lock = new();
    private int _running;
    private bool _isDisposed;

    private OnnxEngine(OnnxModel model, CompiledModel compiled, SessionOptions options, InferenceSession session, int slice)
    {
        (_model, _compiled, _options, _session, Slice) = (model, compiled, options, session, slice);
        (_inputNames, _outputNames) = ([model.InputName], [.. model.Outputs.Select(o => o.Name)]);
    }

    /// <summary>The outputs in the order in which they were asked for.</summary>
    public ImmutableArray<ModelOutput> Outputs => _model.Outputs;

    /// <summary>How many images run at once, at most.</summary>
    public int Slice { get; }

    /// <summary>Compiles a model, or takes it from the cache, and loads it.</summary>
    /// <exception cref="EngineException">ONNX Runtime does not load it.</exception>
    public static OnnxEngine Load(
        OnnxModel model, IWeightSource weights, CompiledModelCache cache, Action<SessionOptions>? configure = null,
        CancellationToken cancellation = default)
    {
        // The hook may bring a processor or an optimiser's level of its own: then the optimiser runs at each load.
        var compiled = cache.Open(model, weights, optimise: configure is null, cancellation);
        SessionOptions? options = null;
        try
        {
            options = CreateOptions(model, compiled, configure);
            var session = Open(compiled, options);
            // A mapped file lives on without a name, but not on Windows: there it goes with the engine.
            if (!OperatingSystem.IsWindows())
                compiled.Dispose();
            return new OnnxEngine(model, compiled, options, session, SliceOf(model, configure));
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
    public float[][] Run<TBatch>(TBatch pixels, CancellationToken cancellation = default)
        where TBatch : IImageBatch, allows ref struct
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pixels.Count, 1, nameof(pixels));
        var outputs = Allocate(pixels);
        Run(pixels, [.. outputs.Select(o => o.AsMemory())], cancellation);
        return outputs;
    }

    /// <summary>Runs a batch into memory of the caller's, as long as each output is.</summary>
    /// <exception cref="EngineException">ONNX Runtime fails.</exception>
    public void Run<TBatch>(TBatch pixels, Memory<float>[] outputs, CancellationToken cancellation = default)
        where TBatch : IImageBatch, allows ref struct
    {
        cancellation.ThrowIfCancellationRequested();
        Enter();
        try
        {
            using var run = new RunOptions();
            using var stop = cancellation.UnsafeRegister(static r => ((RunOptions)r!).Terminate = true, run);
            RunSlices(run, pixels, outputs, cancellation);
        }
        catch (OnnxRuntimeException e)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new EngineException($"ONNX Runtime could not run '{_model.Name}' on a batch of {pixels.Count}: {e.Message}", e);
        }
        finally
        {
            Leave();
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

    private float[][] Allocate<TBatch>(TBatch pixels)
        where TBatch : IImageBatch, allows ref struct
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

    private void RunSlices<TBatch>(RunOptions run, TBatch pixels, Memory<float>[] outputs, CancellationToken cancellation)
        where TBatch : IImageBatch, allows ref struct
    {
        var slice = Math.Min(Slice, pixels.Count);
        var imageLength = checked((int)_model.Input.Count);
        var rented = LentMemory.Floats.Rent(checked(slice * imageLength));
        try
        {
            var rest = pixels.Count % slice;
            RunSlices(run, pixels, 0, pixels.Count - rest, rented.AsMemory(0, slice * imageLength), slice, outputs, cancellation);
            RunSlices(run, pixels, pixels.Count - rest, rest, rented.AsMemory(0, rest * imageLength), rest, outputs, cancellation);
        }
        finally
        {
            LentMemory.Floats.Return(rented);
        }
    }

    // Slices of one size share what describes them: a light network's are many.
    private void RunSlices<TBatch>(
        RunOptions run, TBatch pixels, int first, int images, Memory<float> planar, int slice, Memory<float>[] outputs, CancellationToken cancellation)
        where TBatch : IImageBatch, allows ref struct
    {
        if (images == 0)
            return;
        var input = _model.Input;
        using var value = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, planar, [slice, input.Channels, input.Height, input.Width]);
        OrtValue[] inputs = [value];
        var values = new OrtValue[outputs.Length];
        long[][] shapes = [.. Outputs.Select(o => (long[])[slice, .. o.Shape.Dimensions.Select(d => (long)d)])];
        for (var end = first + images; first < end; first += slice)
        {
            cancellation.ThrowIfCancellationRequested();
            pixels.Read(first, slice, planar.Span);
            RunSlice(run, inputs, first, slice, outputs, shapes, values);
        }
    }

    private void RunSlice(RunOptions run, OrtValue[] inputs, int first, int slice, Memory<float>[] outputs, long[][] shapes, OrtValue[] values)
    {
        Array.Clear(values);
        try
        {
            for (var i = 0; i < values.Length; i++)
            {
                var length = Outputs[i].Shape.Count;
                // The session writes where the caller reads: no copy.
                values[i] = OrtValue.CreateTensorValueFromMemory(
                    OrtMemoryInfo.DefaultInstance, outputs[i].Slice((int)(first * length), (int)(slice * length)), shapes[i]);
            }
            _session.Run(run, _inputNames, inputs, _outputNames, values);
        }
        finally
        {
            foreach (var value in values)
                value?.Dispose();
        }
    }

    private void Enter()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _running++;
        }
    }

    private void Leave()
    {
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

    private static SessionOptions CreateOptions(OnnxModel model, CompiledModel compiled, Action<SessionOptions>? configure)
    {
        var options = model.CreateOptions(compiled.IsOptimised ? GraphOptimizationLevel.ORT_DISABLE_ALL : GraphOptimizationLevel.ORT_ENABLE_ALL);
        // Packing such a kernel for the processor copies gigabytes at each load, and speeds up no run by more than a little.
        if (model.HasHugeKernel)
            options.AddSessionConfigEntry("session.disable_prepacking", "1");
        // Threads wait for the next run awake, but not so long that they would take the processor from image work.
        options.AddSessionConfigEntry("session.intra_op.spin_duration_us", "1000");
        configure?.Invoke(options);
        return options;
    }

    /// <summary>
    /// How many images run at once. What a light network moves outweighs what it computes, so its maps should stay in the
    /// processor's caches: two images for two cores, where 32 cost MobileNetV2 a third of its speed. The others gain from
    /// some more: ResNet50 runs eight 1.07 times as fast as two. Where one kernel outweighs all maps, or the hook may
    /// have brought another processor, as many as Keras' <c>predict</c> takes; never more, or memory would grow with the
    /// caller's batch.
    /// </summary>
    public static int SliceOf(OnnxModel model, Action<SessionOptions>? configure) => model.HasHugeKernel || configure is not null
        ? KerasBatch
        : Math.Clamp(Environment.ProcessorCount, model.MultiplyAddsPerNumber < Light ? 2 : 8, KerasBatch);
}
