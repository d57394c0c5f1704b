using TransferKit.Graph;
using TransferKit.Onnx;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Onnx;

public class OnnxEngineTests
{
    [Fact]
    public void A_batch_gives_what_its_images_give_one_by_one_however_it_is_cut()
    {
        using var engine = Load(Conv());
        var inputs = Enumerable.Range(0, 4 * Environment.ProcessorCount + 1).Select(Input).ToArray();
        var all = engine.Run([.. inputs.SelectMany(i => i)], inputs.Length)[0];
        AssertClose([.. inputs.SelectMany(i => engine.Run(i, 1)[0])], all);
    }

    [Fact]
    public void Threads_may_run_one_engine_at_once()
    {
        using var engine = Load(Conv());
        var inputs = Enumerable.Range(0, 8).Select(Input).ToArray();
        var expected = inputs.Select(i => engine.Run(i, 1)[0]).ToArray();
        Parallel.For(0, 64, i => Assert.Equal(expected[i % 8], engine.Run(inputs[i % 8], 1)[0]));
    }

    [Fact]
    public void A_caller_may_bring_the_memory_of_the_outputs()
    {
        using var engine = Load(Conv());
        var memory = new float[engine.Outputs[0].Shape.Count + 2];
        engine.Run(Input(0), 1, [memory.AsMemory(1, memory.Length - 2)], TestContext.Current.CancellationToken);
        Assert.Equal([0, .. engine.Run(Input(0), 1)[0], 0], memory);
    }

    [Fact]
    public void An_input_of_the_wrong_length_is_refused()
    {
        using var engine = Load(Conv());
        Assert.Throws<ArgumentException>("planar", () => engine.Run(Input(0), 2));
        Assert.Throws<ArgumentOutOfRangeException>("n", () => engine.Run([], 0));
    }

    [Fact]
    public void A_disposed_engine_refuses_to_run_and_may_be_disposed_again()
    {
        var engine = Load(Conv());
        engine.Dispose();
        engine.Dispose();
        Assert.Throws<ObjectDisposedException>(() => engine.Run(Input(0), 1));
    }

    [Fact]
    public async Task Disposing_lets_runs_end_that_have_begun()
    {
        var engine = Load(Conv());
        var (expected, started) = (engine.Run(Input(0), 1)[0], new CountdownEvent(4));
        var runs = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            started.Signal();
            while (true)
            {
                try
                {
                    Assert.Equal(expected, engine.Run(Input(0), 1)[0]);
                }
                catch (ObjectDisposedException)
                {
                    return;
                }
            }
        })).ToArray();
        started.Wait(TestContext.Current.CancellationToken);
        engine.Dispose();
        await Task.WhenAll(runs);
    }

    [Fact]
    public void A_cancelled_run_ends_as_cancelled()
    {
        using var engine = Load(Conv());
        Assert.ThrowsAny<OperationCanceledException>(() => engine.Run(Input(0), 1, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void A_hook_of_the_session_options_is_called_and_what_it_breaks_is_told()
    {
        var graph = Conv();
        using var weights = new FormulaWeights(0.8);
        var thrown = Assert.Throws<EngineException>(() => OnnxEngine.Load(
            OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar), weights, new CompiledModelCache(null),
            options => options.AddSessionConfigEntry("session.intra_op_thread_affinities", "nonsense"), TestContext.Current.CancellationToken));
        Assert.Contains("tiny", thrown.Message);
        Assert.NotNull(thrown.InnerException);
    }

    private static LayerGraph Conv() => Of(9, 8, (g, x) => g.Add(new Conv2D(4, 3, 2, Padding.Same), "conv", x));

    private static float[] Input(int which) =>
        Planar.From([.. Numbers(1, 9, 8).Select(v => v + which)], 1, 9, 8, PreprocessMode.None);

    private static OnnxEngine Load(LayerGraph graph)
    {
        using var weights = new FormulaWeights(0.8);
        return OnnxEngine.Load(OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar), weights, new CompiledModelCache(null));
    }
}
