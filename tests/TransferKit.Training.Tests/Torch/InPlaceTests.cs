using TransferKit.Training.Torch;
using static TorchSharp.torch;

namespace TransferKit.Training.Tests.Torch;

public class InPlaceTests
{
    // Without the guard, a collection on another thread ended this after 20,000 calls: "Unknown scalar type".
    [Fact]
    public void A_number_lives_until_libtorch_has_read_it()
    {
        using var isOver = new ManualResetEventSlim();
        var collector = new Thread(() =>
        {
            while (!isOver.IsSet)
                GC.Collect(0);
        });
        collector.Start();
        try
        {
            using var values = ones(4);
            for (var call = 0; call < 20_000; call++)
                values.MultiplyBy(0.5).Increase(0.5).Increase(values, 0).Limit(1);
            Assert.Equal([1, 1, 1, 1], values.data<float>().ToArray());
        }
        finally
        {
            isOver.Set();
            collector.Join();
        }
    }
}
