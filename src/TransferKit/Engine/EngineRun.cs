using Microsoft.ML.OnnxRuntime;
using TransferKit.Common;
using TransferKit.Onnx.Plan;
using TransferKit.Operators;

namespace TransferKit.Engine;

/// <summary>
/// One run of a batch, divided into slices of images. Threads that call <see cref="Work"/> at once take slices in turn, so a thread
/// whose core is busy with other work takes fewer.
/// </summary>
internal sealed class EngineRun : IDisposable
{
    private readonly ModelSignature _model;
    private readonly InferenceSession _session;
    private readonly IImageBatch _pixels;
    private readonly Memory<float>[] _outputs;
    private readonly int _slice;
    private readonly CoreDivision _division;
    private readonly Action _ended;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _stop;
    private readonly RunOptions _options = new();
    private readonly string[] _outputNames;
    private long _next;

    /// <param name="model">The model.</param>
    /// <param name="session">The session that runs the model.</param>
    /// <param name="pixels">The images.</param>
    /// <param name="outputs">The memory for each output, of exactly its length.</param>
    /// <param name="slice">The number of images of a slice.</param>
    /// <param name="division">The number of workers, and of threads of the session.</param>
    /// <param name="ended">The callback for the end of the run, called on disposal.</param>
    /// <param name="cancellation">The token that stops the run, even within a slice.</param>
    public EngineRun(
        ModelSignature model, InferenceSession session, IImageBatch pixels, Memory<float>[] outputs, int slice,
        CoreDivision division, Action ended, CancellationToken cancellation)
    {
        (_model, _session, _pixels, _outputs, _slice, _division, _ended) = (model, session, pixels, outputs, slice, division, ended);
        _outputNames = [.. model.Outputs.Select(o => o.Name)];
        _cancellation = cancellation;
        _stop = cancellation.UnsafeRegister(static r => ((RunOptions)r!).Terminate = true, _options);
    }

    /// <summary>The number of threads that should call <see cref="Work"/>: one if the session has a thread pool.</summary>
    public int Workers => _division.Workers;

    /// <summary>The number of threads of the session that compute for each worker.</summary>
    public int Threads => _division.Threads;

    /// <summary>Runs slices until none is left. Other threads may still be running their last slices when it returns.</summary>
    /// <exception cref="EngineException">ONNX Runtime fails.</exception>
    public void Work()
    {
        CustomOperators.Threads = Threads;
        try
        {
            WorkOn();
        }
        catch (Exception e)
        {
            // The run has failed, so the other workers stop after their current slices.
            Interlocked.Exchange(ref _next, _pixels.Count);
            if (e is not OnnxRuntimeException)
                throw;
            _cancellation.ThrowIfCancellationRequested();
            throw new EngineException($"ONNX Runtime could not run '{_model.Name}' on a batch of {_pixels.Count}: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _options.Dispose();
        _ended();
    }

    private void WorkOn()
    {
        var first = Take();
        if (first == _pixels.Count)
            return;
        var rented = BufferPool.Floats.Rent(checked(_slice * (int)_model.Input.Count));
        Slice? slice = null;
        try
        {
            for (; first < _pixels.Count; first = Take())
            {
                _cancellation.ThrowIfCancellationRequested();
                var images = Math.Min(_slice, _pixels.Count - first);
                if (slice?.Images != images)
                {
                    slice?.Dispose();
                    slice = new(_model, rented, images);
                }
                Run(slice, first);
            }
        }
        finally
        {
            slice?.Dispose();
            BufferPool.Floats.Return(rented);
        }
    }

    // Returns the first image of the next slice, or the number of images if no slice is left.
    private int Take() => (int)Math.Min(Interlocked.Add(ref _next, _slice) - _slice, _pixels.Count);

    private void Run(Slice slice, int first)
    {
        _pixels.Read(first, slice.Images, slice.Planar.Span);
        for (var i = 0; i < _outputs.Length; i++)
        {
            var length = _model.Outputs[i].Shape.Count;
            // The session writes directly into the caller's memory, which saves a copy.
            slice.WriteTo(i, _outputs[i].Slice((int)(first * length), (int)(slice.Images * length)));
        }
        _session.Run(_options, _session.InputNames, slice.Inputs, _outputNames, slice.Outputs);
    }

    /// <summary>The tensors of slices of one size. They are reused, because a batch may have many slices.</summary>
    private sealed class Slice : IDisposable
    {
        private readonly long[][] _shapes;

        public Slice(ModelSignature model, float[] memory, int images)
        {
            Images = images;
            var input = model.Input;
            Planar = memory.AsMemory(0, images * (int)input.Count);
            long[] shape = [images, input.Channels, input.Height, input.Width];
            Inputs = [OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, Planar, shape)];
            _shapes = [.. model.Outputs.Select(o => ShapeOf(o, images))];
            Outputs = new OrtValue[_shapes.Length];
        }

        public int Images { get; }

        /// <summary>The input memory, into which the images are preprocessed.</summary>
        public Memory<float> Planar { get; }

        public OrtValue[] Inputs { get; }

        /// <summary>The tensors of the outputs; null before <see cref="WriteTo"/>.</summary>
        public OrtValue[] Outputs { get; }

        /// <summary>Makes an output a tensor over the memory that receives it.</summary>
        public void WriteTo(int output, Memory<float> numbers)
        {
            Outputs[output]?.Dispose();
            Outputs[output] = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, numbers, _shapes[output]);
        }

        private static long[] ShapeOf(ModelOutput output, int images)
        {
            var shape = new long[output.Dimensions.Length + 1];
            shape[0] = images;
            for (var i = 1; i < shape.Length; i++)
                shape[i] = output.Dimensions[i - 1];
            return shape;
        }

        public void Dispose()
        {
            Inputs[0].Dispose();
            Array.ForEach(Outputs, output => output?.Dispose());
        }
    }
}
