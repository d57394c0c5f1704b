using System.Collections.Concurrent;

namespace TransferKit.PublicApi.Tests;

public sealed class FeatureExtractorThreadTests
{
    [Fact]
    public void Nothing_is_computed_on_the_thread_of_a_user_interface_that_consumes_the_rows()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "a.jpg", "b.jpg", "c.jpg" })
            folder.Add("rocket.jpg", name);
        var computing = new ConcurrentBag<int>();
        var extractor = new FeatureExtractor(
            new MeanColour { Running = () => computing.Add(Environment.CurrentManagedThreadId) }, new() { BatchSize = 1 });
        var consuming = new List<int>();

        var userInterface = OneThread.Run(async () =>
        {
            await foreach (var row in extractor.ExtractAsync(folder.Path))
                consuming.Add(Environment.CurrentManagedThreadId);
        });

        Assert.Equal([userInterface, userInterface, userInterface], consuming);
        Assert.Equal(3, computing.Count);
        Assert.DoesNotContain(userInterface, computing);
    }

    /// <summary>Runs a thread with a synchronization context, as a user interface does.</summary>
    private sealed class OneThread : SynchronizationContext
    {
        private readonly BlockingCollection<Action> _queue = [];

        /// <summary>Runs the work on a new thread and returns its id.</summary>
        public static int Run(Func<Task> work)
        {
            var context = new OneThread();
            Task? running = null;
            var thread = new Thread(() =>
            {
                SetSynchronizationContext(context);
                running = work();
                running.ContinueWith(_ => context._queue.CompleteAdding(), TaskScheduler.Default);
                foreach (var action in context._queue.GetConsumingEnumerable())
                    action();
            });
            thread.Start();
            thread.Join();
            running!.GetAwaiter().GetResult();
            return thread.ManagedThreadId;
        }

        public override void Post(SendOrPostCallback d, object? state) => _queue.Add(() => d(state));
    }
}
