namespace TransferKit;

/// <summary>
/// Shares the processor's cores out between image work and the engine: an image takes one of them, and so does each worker of a run
/// that has one for each core; a run that computes with threads of its own takes all. Whoever comes first is served first.
/// </summary>
/// <remarks>
/// Without it, threads that the system puts in each other's place wait for one another. Files are read without a core, so a slow disk is
/// read while the engine runs.
/// </remarks>
internal sealed class CoreShare : IDisposable
{
    public static readonly int Cores = Environment.ProcessorCount;

    private readonly SemaphoreSlim _free = new(Cores);

    // Nothing waits longer than an image or a run takes, and a wait that can be cancelled costs objects.
    public Task EnterAsync() => _free.WaitAsync();

    public void Leave() => _free.Release();

    /// <summary>Does the work of a run, on threads of the pool.</summary>
    /// <param name="workers">Each takes its part of the cores: one for each core, or one for all of them.</param>
    /// <param name="work">What each does.</param>
    public Task RunAsync(int workers, Action work)
    {
        var working = new Task[workers];
        foreach (ref var worker in working.AsSpan())
            worker = WorkAsync(Cores / workers, work);
        return Task.WhenAll(working);
    }

    private async Task WorkAsync(int cores, Action work)
    {
        // Asked for at once, so that images that come later wait behind the engine.
        var entering = new Task[cores];
        foreach (ref var core in entering.AsSpan())
            core = EnterAsync();
        await Task.WhenAll(entering).ConfigureAwait(false);
        try
        {
            await Task.Run(work).ConfigureAwait(false);
        }
        finally
        {
            _free.Release(cores);
        }
    }

    public void Dispose() => _free.Dispose();
}
