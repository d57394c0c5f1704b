using Microsoft.ML.OnnxRuntime;
using TransferKit.Common;
using TransferKit.Engine;
using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Onnx;

/// <summary>Tests the share of cores of a run. It depends on other runs of the process, so no other test may run at once.</summary>
[CollectionDefinition(nameof(CrowdedEngineTests), DisableParallelization = true)]
[Collection(nameof(CrowdedEngineTests))]
public sealed class CrowdedEngineTests
{
    private static readonly int Cores = ProcessorCores.Count;
    private static readonly int Processors = ProcessorShare.Processors;

    [Fact]
    public void An_image_has_all_cores_unless_other_runs_have_half_of_them_whichever_model_they_are_of()
    {
        Assert.SkipWhen(Cores == 1, "There is one core.");
        using var engine = Load();
        using var other = Load();
        Assert.Equal(Cores, ThreadsOfOneImage(engine));

        var others = Enumerable.Range(0, (Processors + 1) / 2).Select(_ => Begin(other, 1)).ToArray();
        Assert.Equal(1, ThreadsOfOneImage(engine));
        foreach (var run in others)
            run.Dispose();
        Assert.Equal(Cores, ThreadsOfOneImage(engine));

        using (Begin(other, Processors))
            Assert.Equal(1, ThreadsOfOneImage(engine));
        Assert.Equal(Cores, ThreadsOfOneImage(engine));
    }

    [Fact]
    public void A_crowded_batch_has_the_cores_that_are_left_one_for_each_image()
    {
        using var engine = Load();
        using var others = Begin(engine, Processors);
        for (var images = 1; images < Cores; images++)
        {
            using var run = Begin(engine, images);
            Assert.Equal((1, 1), (run.Workers, run.Threads));
        }
        using var batch = Begin(engine, Processors + 1);
        Assert.Equal(Processors, batch.Workers);
    }

    [Fact]
    public void A_session_of_the_users_may_have_another_processor_and_takes_no_core_from_anyone()
    {
        using var engine = Load();
        using var foreign = Load(_ => { });

        var others = Enumerable.Range(0, Processors).Select(_ => Begin(foreign, 1)).ToArray();
        Assert.Equal(Cores, ThreadsOfOneImage(engine));
        foreach (var run in others)
            run.Dispose();
        using (Begin(engine, Processors))
            Assert.Equal(Cores, ThreadsOfOneImage(foreign));
    }

    [Fact]
    public void A_run_that_failed_to_begin_has_no_core()
    {
        Assert.SkipWhen(Cores == 1, "There is one core.");
        using var engine = Load();
        var disposed = Load();
        disposed.Dispose();

        for (var i = 0; i < Processors; i++)
            Assert.Throws<ObjectDisposedException>(() => Begin(disposed, 1));
        Assert.Equal(Cores, ThreadsOfOneImage(engine));
    }

    [Fact]
    public void A_crowded_run_gives_the_same_numbers()
    {
        using var engine = Load();
        var input = Numbers(1, 9, 9);
        var pixels = PlanarPixels.From(input, 1, 9, 9, PreprocessMode.None);
        var expected = engine.Run(pixels, 1)[0];

        using var others = Begin(engine, Processors);
        AssertClose(expected, engine.Run(pixels, 1)[0]);
    }

    private static int ThreadsOfOneImage(OnnxEngine engine)
    {
        using var run = Begin(engine, 1);
        return run.Threads;
    }

    private static EngineRun Begin(OnnxEngine engine, int images) => engine.Begin(
        new Empty(images), [new float[images * engine.Outputs[0].Shape.Count]], TestContext.Current.CancellationToken);

    private static OnnxEngine Load(Action<SessionOptions>? configure = null)
    {
        var graph = Of(9, 9, (g, x) => g.Add(new Conv2D(4, 3, 1, Padding.Same), "conv", x));
        using var weights = new FormulaWeights(0.8);
        return OnnxEngine.Load(OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar), weights, configure);
    }

    private sealed class Empty(int count) : IImageBatch
    {
        public int Count => count;

        public void Read(int first, int count, Span<float> planar) => planar.Clear();
    }
}
