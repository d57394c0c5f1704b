using TransferKit.Engine;

namespace TransferKit.Tests.Engine;

public class ProcessorShareTests
{
    [Theory]
    [InlineData(1, 2, 2, 0, 1, 2)]
    [InlineData(2, 2, 2, 0, 2, 1)]
    [InlineData(9, 2, 2, 0, 2, 1)]
    [InlineData(7, 16, 8, 0, 1, 8)]
    [InlineData(8, 16, 8, 0, 8, 1)]
    [InlineData(12, 16, 8, 0, 12, 1)]
    [InlineData(32, 16, 8, 0, 16, 1)]
    [InlineData(4, 16, 8, 7, 1, 8)]
    [InlineData(4, 16, 8, 8, 4, 1)]
    [InlineData(4, 16, 8, 14, 2, 1)]
    [InlineData(4, 16, 8, 16, 1, 1)]
    [InlineData(1, 2, 1, 0, 1, 1)]
    [InlineData(2, 2, 1, 0, 2, 1)]
    public void A_batch_with_an_image_for_each_core_runs_one_on_each_and_a_smaller_one_shares_all_that_others_leave(
        int images, int processors, int cores, int others, int workers, int threads) =>
        Assert.Equal(new(workers, threads), ProcessorShare.DivisionFor(images, processors, cores, others));

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
        using var together = new Barrier(ProcessorShare.Processors + 1);
        var run = RunAsync(cores, ProcessorShare.Processors, () =>
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
        Assert.SkipWhen(ProcessorShare.Processors < 2, "There is one core.");
        using var cores = new ProcessorShare();
        var (workers, ending) = (0, new ManualResetEventSlim());
        var run = RunAsync(cores, ProcessorShare.Processors, () =>
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

        ProcessorShare.Run(ProcessorShare.Processors, () => Interlocked.Increment(ref done));

        Assert.Equal(ProcessorShare.Processors, done);
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
        for (var i = 0; i < ProcessorShare.Processors; i++)
            await cores.EnterAsync().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }
}
