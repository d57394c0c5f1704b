namespace TransferKit.Tests.Features;

public class CoreShareTests
{
    [Fact]
    public async Task The_engine_waits_for_images_and_images_wait_behind_it()
    {
        using var cores = new CoreShare(engineTakesAll: true);
        await cores.EnterImageAsync();
        var engine = cores.EnterEngineAsync();
        var later = cores.EnterImageAsync();
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
            await cores.EnterImageAsync();

        Assert.False(cores.EnterImageAsync().IsCompleted);
    }

    [Fact]
    public async Task An_engine_that_computes_elsewhere_runs_beside_images()
    {
        using var cores = new CoreShare(engineTakesAll: false);
        for (var i = 0; i < CoreShare.Cores; i++)
            await cores.EnterImageAsync();

        await cores.EnterEngineAsync();
        cores.LeaveEngine();

        Assert.False(cores.EnterImageAsync().IsCompleted);
    }
}
