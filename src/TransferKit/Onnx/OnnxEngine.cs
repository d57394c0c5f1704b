using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TransferKit.WeightSources;

namespace TransferKit.Onnx;

/// <summary>
/// A loaded model that runs on ONNX Runtime. Threads may run it at once. Disposing it during a run lets that run end.
/// </summary>
internal sealed class OnnxEngine : IDisposable
{
    private readonly OnnxModel _model;
    private readonly CompiledModel _compiled;
    private readonly SessionOptions _options;
    private readonly InferenceSession _session;
    private readonly int _slice;
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly Lock _lock = new();
    private int _running;
    private bool _isDisposed;

    private OnnxEngine(OnnxModel model, CompiledModel compiled, SessionOptions options, InferenceSession session, int slice)
    {
        (_model, _compiled, _options, _session, _slice) = (model, compiled, options, session, slice);
        (_inputNames, _outputNames) = ([model.InputName], [.. model.Outputs.Select(o => o.Name)]);
    }

    /// <summary>The outputs in the order in which they were asked for.</summary>
    public ImmutableArray<ModelOutput> Outputs => _model.Outputs;

    /// <summary>Compiles a model, or takes it from the cache, and loads it.</summary>
    /// <exception cref="EngineException">ONNX Runtime does not load it.</exception>
    public static OnnxEngine Load(
        OnnxModel model, IWeightSource weights, CompiledModelCache cache, Action<SessionOptions>? configure = null,
        CancellationToken cancellation = default)
    {
        var compiled = cache.Open(model, weights, cancellation);
        SessionOptions? options = null;
        try
        {
            options = CreateOptions(model, configure);
            var session = new InferenceSession(compiled.ModelPath, options);
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

    /// <summary>Runs a batch of <paramref name="n"/>; returns each output's numbers, row-major in Keras' order.</summary>
    public float[][] Run(ReadOnlySpan<float> planar, int n, CancellationToken cancellation = default)
    {
        var outputs = Outputs.Select(o => GC.AllocateUninitializedArray<float>(checked((int)(n * o.Shape.Count)))).ToArray();
        Run(planar, n, [.. outputs.Select(o => o.AsMemory())], cancellation);
        return outputs;
    }

    /// <summary>
    /// Runs a batch of <paramref name="n"/>, preprocessed numbers as n, channels, h, w, into memory that the caller holds:
    /// one piece for each output.
    /// </summary>
    /// <exception cref="EngineException">ONNX Runtime fails.</exception>
    public unsafe void Run(ReadOnlySpan<float> planar, int n, ReadOnlySpan<Memory<float>> outputs, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        if (planar.Length != n * _model.Input.Count)
            throw new ArgumentException($"A batch of {n} takes {n * _model.Input.Count} numbers, not {planar.Length}.", nameof(planar));
        if (outputs.Length != Outputs.Length)
            throw new ArgumentException($"The model has {Outputs.Length} outputs, not {outputs.Length}.", nameof(outputs));
        cancellation.ThrowIfCancellationRequested();

        Enter();
        try
        {
            using var run = new RunOptions();
            using var stop = cancellation.UnsafeRegister(static r => ((RunOptions)r!).Terminate = true, run);
            fixed (float* pinned = planar)
            {
                for (var start = 0; start < n; start += Math.Min(_slice, n))
                {
                    cancellation.ThrowIfCancellationRequested();
                    RunSlice(run, pinned, start, Math.Min(_slice, n - start), outputs);
                }
            }
        }
        catch (OnnxRuntimeException e)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new EngineException($"ONNX Runtime could not run '{_model.Name}' on a batch of {n}: {e.Message}", e);
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

    private unsafe void RunSlice(RunOptions run, float* planar, int start, int count, ReadOnlySpan<Memory<float>> outputs)
    {
        var values = new OrtValue[outputs.Length];
        try
        {
            for (var i = 0; i < values.Length; i++)
            {
                var shape = Outputs[i].Shape;
                var memory = outputs[i].Slice((int)(start * shape.Count), (int)(count * shape.Count));
                values[i] = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, memory, [count, .. shape.Dimensions.Select(d => (long)d)]);
            }
            var input = _model.Input;
            using var value = OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, TensorElementType.Float, [count, input.Channels, input.Height, input.Width],
                (nint)(planar + start * input.Count), count * input.Count * sizeof(float));
            _session.Run(run, _inputNames, [value], _outputNames, values);
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

    private static SessionOptions CreateOptions(OnnxModel model, Action<SessionOptions>? configure)
    {
        var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            LogId = model.Name,
        };
        // Packing such a kernel for the processor copies gigabytes at each load, and speeds up no run by more than a little.
        if (model.HasHugeKernel)
            options.AddSessionConfigEntry("session.disable_prepacking", "1");
        configure?.Invoke(options);
        return options;
    }

    // A few images at a time keep their maps in the processor's caches: batches of 32 run up to half faster so. Not where
    // one kernel outweighs all maps, and not where the hook may have brought another processor.
    private static int SliceOf(OnnxModel model, Action<SessionOptions>? configure) =>
        model.HasHugeKernel || configure is not null ? int.MaxValue : Math.Max(2, Environment.ProcessorCount);
}
