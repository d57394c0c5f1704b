namespace TransferKit.Tests.Features;

public class CoreShareTests
{
    [Fact]
    public async Task A_run_with_threads_of_its_own_waits_for_images_and_images_wait_behind_it()
    {
        using var cores = new CoreShare();
        await cores.EnterAsync();
        var (running, ending) = (new TaskCompletionSource(), new ManualResetEventSlim());
        var run = cores.RunAsync(1, () =>
        {
            running.SetResult();
            ending.Wait(TestContext.Current.CancellationToken);
        });
        var later = cores.EnterAsync();
        Assert.False(running.Task.IsCompleted);

        cores.Leave();
        await running.Task;
        Assert.False(later.IsCompleted);

        ending.Set();
        await run;
        await later;
    }

    [Fact]
    public async Task Workers_of_a_run_compute_at_once_on_a_core_each()
    {
        using var cores = new CoreShare();
        using var together = new Barrier(CoreShare.Cores + 1);
        var run = cores.RunAsync(CoreShare.Cores, () =>
        {
            together.SignalAndWait(TestContext.Current.CancellationToken);
            together.SignalAndWait(TestContext.Current.CancellationToken);
        });
        together.SignalAndWait(TestContext.Current.CancellationToken);
        var image = cores.EnterAsync();
        Assert.False(image.IsCompleted);

        together.SignalAndWait(TestContext.Current.CancellationToken);
        await run;
        await image;
    }

    [Fact]
    public async Task A_core_is_free_again_as_soon_as_its_worker_is_done()
    {
        Assert.SkipWhen(CoreShare.Cores < 2, "There is one core.");
        using var cores = new CoreShare();
        var (workers, ending) = (0, new ManualResetEventSlim());
        var run = cores.RunAsync(CoreShare.Cores, () =>
        {
            if (Interlocked.Increment(ref workers) == 1)
                ending.Wait(TestContext.Current.CancellationToken);
        });

        await cores.EnterAsync();
        Assert.False(run.IsCompleted);

        ending.Set();
        await run;
    }

    [Fact]
    public async Task A_worker_that_fails_gives_its_core_back()
    {
        using var cores = new CoreShare();

        await Assert.ThrowsAsync<IOException>(() => cores.RunAsync(1, () => throw new IOException()));

        await AssertAllFreeAsync(cores);
    }

    [Fact]
    public async Task There_are_as_many_images_at_once_as_cores()
    {
        using var cores = new CoreShare();
        await AssertAllFreeAsync(cores);
        Assert.False(cores.EnterAsync().IsCompleted);
    }

    private static async Task AssertAllFreeAsync(CoreShare cores)
    {
        for (var i = 0; i < CoreShare.Cores; i++)
            await cores.EnterAsync().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }
}
