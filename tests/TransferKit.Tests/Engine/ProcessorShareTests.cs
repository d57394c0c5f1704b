using TransferKit.Engine;

namespace TransferKit.Tests.Engine;

public class ProcessorShareTests
{
    [Fact]
    public async Task A_run_with_threads_of_its_own_waits_for_images_and_images_wait_behind_it()
    {
        using var cores = new ProcessorShare();
        await cores.EnterAsync();
        var (running, ending) = (new TaskCompletionSource(), new ManualResetEventSlim());
        var run = RunAsync(cores, 1, () =>
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
        using var cores = new ProcessorShare();
        using var together = new Barrier(ProcessorShare.Cores + 1);
        var run = RunAsync(cores, ProcessorShare.Cores, () =>
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
        Assert.SkipWhen(ProcessorShare.Cores < 2, "There is one core.");
        using var cores = new ProcessorShare();
        var (workers, ending) = (0, new ManualResetEventSlim());
        var run = RunAsync(cores, ProcessorShare.Cores, () =>
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
        using var cores = new ProcessorShare();

        await Assert.ThrowsAsync<IOException>(() => RunAsync(cores, 1, () => throw new IOException()));

        await AssertAllFreeAsync(cores);
    }

    [Fact]
    public async Task There_are_as_many_images_at_once_as_cores()
    {
        using var cores = new ProcessorShare();
        await AssertAllFreeAsync(cores);
        Assert.False(cores.EnterAsync().IsCompleted);
    }

    [Fact]
    public async Task A_run_outside_of_a_share_waits_for_no_core()
    {
        using var cores = new ProcessorShare();
        await AssertAllFreeAsync(cores);
        var done = 0;

        ProcessorShare.Run(ProcessorShare.Cores, () => Interlocked.Increment(ref done));

        Assert.Equal(ProcessorShare.Cores, done);
    }

    // Returns when the run has requested its cores: its thread computes then, or waits for them.
    private static Task RunAsync(ProcessorShare cores, int workers, Action work)
    {
        var (done, isWorking) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), false);
        var thread = new Thread(() =>
        {
            try
            {
                cores.RunAsCurrent(() => ProcessorShare.Run(workers, () =>
                {
                    Volatile.Write(ref isWorking, true);
                    work();
                }));
                done.SetResult();
            }
            catch (IOException e)
            {
                done.SetException(e);
            }
        });
        thread.Start();
        SpinWait.SpinUntil(() => Volatile.Read(ref isWorking) || thread.ThreadState == ThreadState.WaitSleepJoin || done.Task.IsCompleted);
        return done.Task;
    }

    private static async Task AssertAllFreeAsync(ProcessorShare cores)
    {
        for (var i = 0; i < ProcessorShare.Cores; i++)
            await cores.EnterAsync().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }
}
