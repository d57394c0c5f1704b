using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Architectures;
using TransferKit.Common;
using TransferKit.Engine;
using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Tests.Onnx;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Engine;

public class OnnxEngineTests
{
    private static readonly Action<SessionOptions> AnyHook = _ => { };

    [Theory]
    [InlineData(0, 1, false), InlineData(1, 0, false), InlineData(1, 1, false), InlineData(2, 1, false), InlineData(40, 1, false)]
    [InlineData(0, 1, true), InlineData(1, 0, true), InlineData(1, 1, true), InlineData(2, 1, true)]
    public void A_batch_gives_what_its_images_give_one_by_one_however_it_is_cut(int slices, int more, bool isConfigured)
    {
        using var engine = Load(Conv(), isConfigured ? AnyHook : null);
        var inputs = Enumerable.Range(0, slices * engine.Slice + more).Select(Input).ToArray();
        var all = engine.Run([.. inputs.SelectMany(i => i)], inputs.Length)[0];
        AssertClose([.. inputs.SelectMany(i => engine.Run(i, 1)[0])], all);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Each_image_is_prepared_once_and_no_more_than_a_slice_at_a_time(bool isConfigured)
    {
        using var engine = Load(Conv(), isConfigured ? AnyHook : null);
        var batch = new CountingBatch(5 * engine.Slice + 1);

        engine.Run(batch, TestContext.Current.CancellationToken);

        var next = 0;
        foreach (var (first, count) in batch.Reads.OrderBy(r => r.First))
        {
            Assert.Equal(next, first);
            Assert.InRange(count, 1, engine.Slice);
            next += count;
        }
        Assert.Equal(batch.Count, next);
    }

    [Fact]
    public void No_more_images_run_at_once_than_Keras_takes()
    {
        using var engine = Load(Conv(), AnyHook);
        Assert.InRange(engine.Slice, 2, 32);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Where_there_is_an_image_for_each_core_each_core_computes_its_own_but_for_a_session_of_the_users(bool isConfigured)
    {
        using var engine = Load(Conv(), isConfigured ? AnyHook : null);
        var (cores, processors) = (ProcessorCores.Count, ProcessorShare.Processors);

        Assert.Equal(isConfigured ? 1 : cores, Workers(cores));
        Assert.Equal(isConfigured ? 1 : processors, Workers(10 * processors + 1));
        Assert.Equal(1, Workers(Math.Max(1, cores - 1)));

        int Workers(int images)
        {
            using var run = engine.Begin(
                new CountingBatch(images), [new float[images * engine.Outputs[0].Shape.Count]], TestContext.Current.CancellationToken);
            return run.Workers;
        }
    }

    [Fact]
    public void Who_works_alone_on_a_run_for_several_does_it_all()
    {
        using var engine = Load(Conv());
        var inputs = Enumerable.Range(0, 3 * Environment.ProcessorCount).Select(Input).ToArray();
        var batch = new CountingBatch(inputs.Length);
        using var run = engine.Begin(
            batch, [new float[inputs.Length * engine.Outputs[0].Shape.Count]], TestContext.Current.CancellationToken);

        run.Work();

        Assert.Equal(inputs.Length, batch.Reads.Sum(r => r.Count));
    }

    [Fact]
    public void An_image_that_cannot_be_prepared_ends_the_run_with_its_own_error()
    {
        using var engine = Load(Conv());
        var batch = new CountingBatch(100_000) { OnRead = first => throw new InvalidOperationException($"image {first}") };

        Assert.StartsWith(
            "image", Assert.Throws<InvalidOperationException>(() => engine.Run(batch, TestContext.Current.CancellationToken)).Message);

        Assert.InRange(batch.Reads.Count, 1, Environment.ProcessorCount);
    }

    [Fact]
    public void A_run_that_is_cancelled_on_its_way_ends_as_cancelled()
    {
        using var engine = Load(Conv());
        using var stop = new CancellationTokenSource();
        var batch = new CountingBatch(100_000) { OnRead = first => stop.Cancel() };

        Assert.ThrowsAny<OperationCanceledException>(() => engine.Run(batch, stop.Token));

        Assert.InRange(batch.Reads.Count, 1, Environment.ProcessorCount);
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
            OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar), weights,
            options =>
            {
                // ONNX Runtime reads affinities only where it has several threads, and its default is one on some machines of two cores.
                options.IntraOpNumThreads = 2;
                options.AddSessionConfigEntry("session.intra_op_thread_affinities", "nonsense");
            }, TestContext.Current.CancellationToken));
        Assert.Contains("tiny", thrown.Message);
        Assert.NotNull(thrown.InnerException);
    }

    private static LayerGraph Conv() => Of(9, 8, (g, x) => g.Add(new Conv2D(4, 3, 2, Padding.Same), "conv", x));

    private static float[] Input(int which) =>
        PlanarPixels.From([.. Numbers(1, 9, 8).Select(v => v + which)], 1, 9, 8, PreprocessMode.None);

    private static OnnxEngine Load(LayerGraph graph, Action<SessionOptions>? configure = null)
    {
        using var weights = new FormulaWeights(0.8);
        return OnnxEngine.Load(OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar), weights, configure);
    }

    private sealed class CountingBatch(int count) : IImageBatch
    {
        public ConcurrentBag<(int First, int Count)> Reads { get; } = [];

        public Action<int>? OnRead { get; init; }

        public int Count => count;

        public void Read(int first, int count, Span<float> planar)
        {
            Reads.Add((first, count));
            planar.Clear();
            OnRead?.Invoke(first);
        }
    }
}
