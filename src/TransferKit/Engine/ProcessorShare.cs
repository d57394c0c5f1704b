using System.Runtime.ExceptionServices;

namespace TransferKit.Engine;

/// <summary>The way in which a run uses the cores: its workers, each in a session with as many threads.</summary>
internal readonly record struct CoreDivision(int Workers, int Threads)
{
    /// <summary>One worker whose session has a thread for each core.</summary>
    public static CoreDivision Whole { get; } = new(1, ProcessorShare.Cores);
}

/// <summary>
/// The one owner of the processor's cores. The process counts the workers of all runs here and divides the cores among them. An instance
/// shares the cores out between the decoding of pictures and the engine runs of one extraction, in the order of their requests.
/// </summary>
/// <remarks>
/// ONNX Runtime sessions do not coordinate: each would take all cores. Without a share, decoders and engine threads would also preempt
/// each other. Files are read without a core, so a slow disk is read while the engine runs.
/// </remarks>
internal sealed class ProcessorShare : IDisposable
{
    public static readonly int Cores = Environment.ProcessorCount;

    private static int s_workers;

    // Engine runs of this thread take their cores from this share, even where the backbone is wrapped by one of the caller's.
    [ThreadStatic]
    private static ProcessorShare? t_lent;

    private readonly SemaphoreSlim _free = new(Cores);

    /// <summary>
    /// Divides the cores for a run. A batch with an image for each core has one worker for each. A smaller batch runs on all cores at
    /// once, unless other runs occupy half of the cores: then each of its images gets one of the cores that are left.
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

    /// <summary>Does the work of a run by several workers at once, on the cores of the share that this thread was lent, if any.</summary>
    /// <param name="workers">The number of workers. This thread is the first; the thread pool gives the others.</param>
    /// <param name="work">The work of each, which ends when nothing is left to do.</param>
    public static void Run(int workers, Action work)
    {
        if (t_lent is { } share)
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
            // Where the pool has no free thread, this one does all the work.
            Parallel.For(0, workers, _ => work());
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    /// <summary>Waits for a core, in turn. The wait is short, an image's or a run's time, and cannot be cancelled: a token costs objects.</summary>
    public Task EnterAsync() => _free.WaitAsync();

    /// <summary>Gives back a core that <see cref="EnterAsync()"/> gave.</summary>
    public void Leave() => _free.Release();

    /// <summary>Does work on this thread whose engine runs take their cores from this share.</summary>
    public void Lend(Action work)
    {
        t_lent = this;
        try
        {
            work();
        }
        finally
        {
            t_lent = null;
        }
    }

    public void Dispose() => _free.Dispose();

    private void RunOnOwnCores(int workers, Action work)
    {
        // All cores are requested at once, so that pictures that come later wait behind the engine.
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
