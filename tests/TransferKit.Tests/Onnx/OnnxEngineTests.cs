using Microsoft.ML.OnnxRuntime;
using TransferKit.Backbones;
using TransferKit.Graph;
using TransferKit.Onnx;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Onnx;

public class OnnxEngineTests
{
    private static readonly Action<SessionOptions> AnyHook = _ => { };

    [Theory]
    [InlineData(0, 1, false), InlineData(1, 0, false), InlineData(1, 1, false), InlineData(2, 1, false)]
    [InlineData(0, 1, true), InlineData(1, 0, true), InlineData(1, 1, true), InlineData(2, 1, true)]
    public void A_batch_gives_what_its_images_give_one_by_one_however_it_is_cut(int slices, int more, bool isConfigured)
    {
        using var engine = Load(Conv(), isConfigured ? AnyHook : null);
        var inputs = Enumerable.Range(0, slices * engine.Slice + more).Select(Input).ToArray();
        var all = engine.Run([.. inputs.SelectMany(i => i)], inputs.Length)[0];
        AssertClose([.. inputs.SelectMany(i => engine.Run(i, 1)[0])], all);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void No_more_images_than_a_slice_are_prepared_at_once(bool isConfigured)
    {
        using var engine = Load(Conv(), isConfigured ? AnyHook : null);
        var batch = new CountingBatch(2 * engine.Slice + 1);
        engine.Run(batch, TestContext.Current.CancellationToken);
        Assert.Equal([(0, engine.Slice), (engine.Slice, engine.Slice), (2 * engine.Slice, 1)], batch.Reads);
    }

    [Theory]
    [InlineData("vgg16", false), InlineData("vgg16", true), InlineData("mobilenet_v2", false), InlineData("mobilenet_v2", true)]
    public void No_model_takes_more_images_at_once_than_Keras_does(string name, bool isConfigured)
    {
        var architecture = Registry.All.Single(a => a.Name == name);
        var graph = architecture.Build(new BuildOptions { InputSize = architecture.DefaultSize, ClassifierActivation = ClassifierActivation.Softmax });
        var model = OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar);
        Assert.InRange(OnnxEngine.SliceOf(model, isConfigured ? AnyHook : null), 2, 32);
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
    public void An_empty_batch_is_refused()
    {
        using var engine = Load(Conv());
        Assert.Throws<ArgumentOutOfRangeException>("pixels", () => engine.Run([], 0));
    }

    [Fact]
    public void A_batch_whose_output_no_array_holds_is_refused_before_it_is_read_with_the_most_that_one_does()
    {
        using var engine = Load(Conv());
        var batch = new CountingBatch(int.MaxValue);
        var thrown = Assert.Throws<ArgumentException>("pixels", () => engine.Run(batch, TestContext.Current.CancellationToken));
        Assert.Contains($"{Array.MaxLength / engine.Outputs[0].Shape.Count} images", thrown.Message);
        Assert.Empty(batch.Reads);
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
    public void A_hook_of_the_session_options_is_called_once_and_what_it_sets_arrives()
    {
        var (calls, path) = (0, Path.Combine(Path.GetTempPath(), $"transferkit-{Guid.NewGuid():N}.onnx"));
        try
        {
            using var engine = Load(Conv(), options =>
            {
                calls++;
                options.OptimizedModelFilePath = path;
            });
            engine.Run(Input(0), 1);
            engine.Run(Input(1), 1);
            Assert.True(File.Exists(path));
            Assert.Equal(1, calls);
        }
        finally
        {
            File.Delete(path);
        }
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

    private static OnnxEngine Load(LayerGraph graph, Action<SessionOptions>? configure = null)
    {
        using var weights = new FormulaWeights(0.8);
        return OnnxEngine.Load(OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar), weights, new CompiledModelCache(null), configure);
    }

    private sealed class CountingBatch(int count) : IImageBatch
    {
        public List<(int First, int Count)> Reads { get; } = [];

        public int Count => count;

        public void Read(int first, int count, Span<float> planar)
        {
            Reads.Add((first, count));
            planar.Clear();
        }
    }
}
