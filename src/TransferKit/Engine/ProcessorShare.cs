using System.Runtime.ExceptionServices;

namespace TransferKit.Engine;

/// <summary>The number of workers of a run, and of the threads of the session that each worker uses.</summary>
internal readonly record struct CoreDivision(int Workers, int Threads)
{
    /// <summary>One worker whose session has a thread for each core.</summary>
    public static CoreDivision Whole { get; } = new(1, ProcessorShare.Cores);
}

/// <summary>
/// Divides the processor's cores among all engine runs of the process, whose workers it counts. An instance shares the cores
/// between the decoding of images and the engine runs of one extraction, in the order of their requests.
/// </summary>
/// <remarks>
/// ONNX Runtime sessions do not coordinate: each would take all cores. Decoders and engine threads would also preempt each other.
/// Reading a file needs no core, so a slow disk is read while the engine runs.
/// </remarks>
internal sealed class ProcessorShare : IDisposable
{
    public static readonly int Cores = Environment.ProcessorCount;

    private static int s_workers;

    // A field of the thread reaches the engine even through a backbone that the caller has wrapped.
    [ThreadStatic]
    private static ProcessorShare? t_current;

    private readonly SemaphoreSlim _free = new(Cores);

    /// <summary>
    /// Divides the cores for a run. A batch with at least one image per core gets one single-threaded worker per core. A smaller
    /// batch uses all cores for each slice. If other runs occupy half of the cores, it gets single-threaded workers on the rest.
    /// </summary>
    public static CoreDivision DivisionFor(int images)
    {
        if (images >= Cores)
            return new(Cores, 1);
        var others = Volatile.Read(ref s_workers);
        return 2 * others >= Cores ? new(Math.Clamp(Cores - others, 1, images), 1) : CoreDivision.Whole;
    }

    /// <summary>Counts a run's workers until <see cref="Vacate"/>.</summary>
    public static void Occupy(int workers) => Interlocked.Add(ref s_workers, workers);

    public static void Vacate(int workers) => Interlocked.Add(ref s_workers, -workers);

    /// <summary>Runs the work on several workers at once, with cores of this thread's share if it has one.</summary>
    /// <param name="workers">The number of workers: this thread and others from the thread pool.</param>
    /// <param name="work">The work of each worker, which returns when nothing is left to do.</param>
    public static void Run(int workers, Action work)
    {
        if (t_current is { } share)
        {
            share.RunOnOwnCores(workers, work);
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

    /// <summary>Waits for a core in the order of the requests. The wait is short and takes no token, because a token allocates.</summary>
    public Task EnterAsync() => _free.WaitAsync();

    /// <summary>Releases a core acquired by <see cref="EnterAsync()"/>.</summary>
    public void Leave() => _free.Release();

    /// <summary>Runs work on this thread; its engine runs acquire their cores from this share.</summary>
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

    private void RunOnOwnCores(int workers, Action work)
    {
        // All cores are requested at once, so that images requested later wait behind the engine.
        var entered = new Task[workers];
        foreach (ref var worker in entered.AsSpan())
            worker = EnterAsync(Cores / workers);
        var others = Task.WhenAll(entered.Skip(1).Select(e => WorkAsync(e, Cores / workers, work)));
        try
        {
            entered[0].GetAwaiter().GetResult();
            Work(Cores / workers, work);
        }
        finally
        {
            others.GetAwaiter().GetResult();
        }
    }

    private Task EnterAsync(int cores)
    {
        var entering = new Task[cores];
        foreach (ref var core in entering.AsSpan())
            core = EnterAsync();
        return Task.WhenAll(entering);
    }

    private async Task WorkAsync(Task entered, int cores, Action work)
    {
        await entered.ConfigureAwait(false);
        await Task.Run(() => Work(cores, work)).ConfigureAwait(false);
    }

    private void Work(int cores, Action work)
    {
        try
        {
            work();
        }
        finally
        {
            _free.Release(cores);
        }
    }
}
