using System.Runtime.ExceptionServices;
using TransferKit.Common;

namespace TransferKit.Engine;

/// <summary>The number of workers of a run, and of the threads of the session that each worker uses.</summary>
internal readonly record struct CoreDivision(int Workers, int Threads)
{
    /// <summary>One worker whose session has a thread for each core.</summary>
    public static CoreDivision Whole { get; } = new(1, ProcessorCores.Count);
}

/// <summary>
/// Divides the processors among all engine runs of the process, whose workers it counts. An instance shares the processors
/// between the decoding of images and the engine runs of one extraction, in the order of their requests.
/// </summary>
/// <remarks>
/// ONNX Runtime sessions do not coordinate: each would take all processors. Decoders and engine threads would also preempt each other.
/// Reading a file needs no processor, so a slow disk is read while the engine runs.
/// </remarks>
internal sealed class ProcessorShare : IDisposable
{
    /// <summary>The number of processors that this process may use. A core may have two (<see cref="ProcessorCores"/>).</summary>
    public static readonly int Processors = Environment.ProcessorCount;

    private static int s_workers;

    // A field of the thread reaches the engine even through a backbone that the caller has wrapped.
    [ThreadStatic]
    private static ProcessorShare? t_current;

    private readonly SemaphoreSlim _free = new(Processors);

    /// <summary>Divides this process' processors for a run.</summary>
    public static CoreDivision DivisionFor(int images) =>
        DivisionFor(images, Processors, ProcessorCores.Count, Volatile.Read(ref s_workers));

    /// <summary>
    /// Divides processors for a run. A batch with at least one image per core gets single-threaded workers, one for each image or
    /// processor. A smaller batch uses all cores for each slice. If other runs occupy half of the processors, it gets single-threaded
    /// workers on the rest.
    /// </summary>
    public static CoreDivision DivisionFor(int images, int processors, int cores, int others)
    {
        if (images >= cores)
            return new(Math.Min(images, processors), 1);
        return 2 * others >= processors ? new(Math.Clamp(processors - others, 1, images), 1) : new(1, cores);
    }

    /// <summary>Counts a run's workers until <see cref="Vacate"/>.</summary>
    public static void Occupy(int workers) => Interlocked.Add(ref s_workers, workers);

    public static void Vacate(int workers) => Interlocked.Add(ref s_workers, -workers);

    /// <summary>Runs the work on several workers at once, with processors of this thread's share if it has one.</summary>
    /// <param name="workers">The number of workers: this thread and others from the thread pool.</param>
    /// <param name="work">The work of each worker, which returns when nothing is left to do.</param>
    public static void Run(int workers, Action work)
    {
        if (t_current is { } share)
        {
            share.RunOnOwnProcessors(workers, work);
            return;
        }
        if (workers == 1)
        {
            work();
            return;
        }
        try
        {
            // This thread does all the work if the pool has no free thread.
            Parallel.For(0, workers, _ => work());
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    /// <summary>
    /// Waits for a processor in the order of the requests. The wait is short and takes no token, because a token allocates.
    /// </summary>
    public Task EnterAsync() => _free.WaitAsync();

    /// <summary>Releases a processor acquired by <see cref="EnterAsync()"/>.</summary>
    public void Leave() => _free.Release();

    /// <summary>Runs work on this thread; its engine runs acquire their processors from this share.</summary>
    public void RunAsCurrent(Action work)
    {
        t_current = this;
        try
        {
            work();
        }
        finally
        {
            t_current = null;
        }
    }

    public void Dispose() => _free.Dispose();

    private void RunOnOwnProcessors(int workers, Action work)
    {
        // All processors are requested at once, so that images requested later wait behind the engine.
        var entered = new Task[workers];
        foreach (ref var worker in entered.AsSpan())
            worker = EnterAsync(Processors / workers);
        var others = Task.WhenAll(entered.Skip(1).Select(e => WorkAsync(e, Processors / workers, work)));
        try
        {
            entered[0].GetAwaiter().GetResult();
            Work(Processors / workers, work);
        }
        finally
        {
            others.GetAwaiter().GetResult();
        }
    }

    private Task EnterAsync(int processors)
    {
        var entering = new Task[processors];
        foreach (ref var processor in entering.AsSpan())
            processor = EnterAsync();
        return Task.WhenAll(entering);
    }

    private async Task WorkAsync(Task entered, int processors, Action work)
    {
        await entered.ConfigureAwait(false);
        await Task.Run(() => Work(processors, work)).ConfigureAwait(false);
    }

    private void Work(int processors, Action work)
    {
        try
        {
            work();
        }
        finally
        {
            _free.Release(processors);
        }
    }
}
