namespace TransferKit.Tests.Features;

public class CoreShareTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_engine_waits_for_images_and_images_wait_behind_it()
    {
        using var cores = new CoreShare(engineTakesAll: true);
        await cores.EnterImageAsync(Token);
        var engine = cores.EnterEngineAsync(Token);
        var later = cores.EnterImageAsync(Token);
        Assert.False(engine.IsCompleted);

        cores.LeaveImage();
        await engine;
        Assert.False(later.IsCompleted);

        cores.LeaveEngine();
        await later;
    }

    [Fact]
    public async Task There_are_as_many_images_at_once_as_cores()
    {
        using var cores = new CoreShare(engineTakesAll: true);
        for (var i = 0; i < CoreShare.Cores; i++)
            await cores.EnterImageAsync(Token);

        Assert.False(cores.EnterImageAsync(Token).IsCompleted);
    }

    [Fact]
    public async Task An_engine_that_computes_elsewhere_runs_beside_images()
    {
        using var cores = new CoreShare(engineTakesAll: false);
        for (var i = 0; i < CoreShare.Cores; i++)
            await cores.EnterImageAsync(Token);

        await cores.EnterEngineAsync(Token);
        cores.LeaveEngine();

        Assert.False(cores.EnterImageAsync(Token).IsCompleted);
    }
}
