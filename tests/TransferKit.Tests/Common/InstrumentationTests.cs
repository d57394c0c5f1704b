using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace TransferKit.Tests.Common;

public class InstrumentationTests
{
    [Fact]
    public async Task A_process_without_listeners_gets_no_instruments_and_one_that_listens_later_gets_all()
    {
        using var process = ChildProcess.Start(ListenLateAsync, []);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, ""), (process.ExitCode, error));
    }

    private static Task ListenLateAsync(string[] args)
    {
        using var backbone = Backbone.Load("mobilenet_v2", includeTop: false, inputSize: (32, 32), weights: Weights.Random(1), alpha: 0.35);
        Predict(backbone);
        Assert.DoesNotContain(
            AppDomain.CurrentDomain.GetAssemblies(), a => a.GetName().Name == "System.Diagnostics.DiagnosticSource");

        Assert.Equal(
            [
                "transferkit.image.decode.duration", "transferkit.image.read.duration", "transferkit.model.load.duration",
                "transferkit.predict.active", "transferkit.predict.duration", "transferkit.predict.images",
                "transferkit.weights.fetch.duration",
            ],
            InstrumentsOf(() => Predict(backbone)));
        return Task.CompletedTask;
    }

    // A method of its own, because compiling it loads the assembly of the listener.
    private static IEnumerable<string> InstrumentsOf(Action work)
    {
        var published = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == "TransferKit")
                    published.Enqueue(instrument.Name);
            },
        };
        listener.Start();
        work();
        return published.Order(StringComparer.Ordinal);
    }

    private static void Predict(IBackbone backbone) => backbone.Predict(new byte[32 * 32 * 3]);
}
