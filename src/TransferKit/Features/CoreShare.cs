namespace TransferKit;

/// <summary>
/// Shares the processor's cores out between image work and the engine: an image takes one of them, a run of the engine
/// all, since it computes with a thread for each. Whoever comes first is served first.
/// </summary>
/// <remarks>
/// Without it, an image thread that the system puts in the place of one of the engine's keeps all the others spinning
/// at the end of every layer: tried on two cores, a folder then went through MobileNetV2 at 0.86 to 0.90 of what the two
/// parts alone allow, and at 0.95 to 1.02 in turn. Files are read without a core, so a slow disk is read while the engine runs. An engine
/// that does not compute on these cores, or not on all of them, takes none.
/// </remarks>
internal sealed class CoreShare(bool engineTakesAll) : IDisposable
{
    public static readonly int Cores = Environment.ProcessorCount;

    private readonly SemaphoreSlim _free = new(Cores);
    private readonly int _ofEngine = engineTakesAll ? Cores : 0;

    // Nothing waits longer than an image or a run takes, and a wait that can be cancelled costs objects.
    public Task EnterImageAsync() => _free.WaitAsync();

    public void LeaveImage() => _free.Release();

    /// <summary>Asks for all cores at once, so that images that come later wait behind the engine.</summary>
    public Task EnterEngineAsync() => Task.WhenAll(Enumerable.Range(0, _ofEngine).Select(_ => _free.WaitAsync()));

    public void LeaveEngine()
    {
        if (_ofEngine > 0)
            _free.Release(_ofEngine);
    }

    public void Dispose() => _free.Dispose();
}
