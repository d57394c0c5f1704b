using TransferKit.Engine;
using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;

namespace TransferKit.Tests.Onnx;

/// <summary>Runs small graphs on the engine, with weights from the goldens' formula and pixels in Keras' order.</summary>
internal static class TinyGraph
{
    public static LayerGraph Of(int height, int width, Func<GraphBuilder, Layer, Layer> write)
    {
        var builder = new GraphBuilder(height, width);
        return new LayerGraph("tiny", write(builder, builder.Input));
    }

    public static float[] Run(LayerGraph graph, float[] nhwc) =>
        Run(OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar), nhwc)[0];

    public static float[] RunPlainly(LayerGraph graph, float[] nhwc) =>
        Run(OnnxWriter.TranslatePlainly(graph, [graph.Output], InputForm.Planar), nhwc)[0];

    public static float[][] Run(OnnxModel model, float[] nhwc)
    {
        using var weights = new FormulaWeights(0.8);
        using var engine = OnnxEngine.Load(model, weights);
        var n = (int)(nhwc.Length / model.Input.Count);
        return engine.Run(PlanarPixels.From(nhwc, n, model.Input.Height, model.Input.Width, PreprocessMode.None), n);
    }

    /// <summary>Runs preprocessed images of shape (n, channels, h, w).</summary>
    public static float[][] Run(this OnnxEngine engine, float[] planar, int n, CancellationToken cancellation = default) =>
        engine.Run(new PlanarBatch(planar, n), cancellation);

    /// <summary>Creates n images of three channels with numbers of both signs.</summary>
    public static float[] Numbers(int n, int height, int width) =>
        [.. FormulaWeights.Input(n, height, width).Select(p => (p - 127.5f) / 64)];

    public static float[] Weight(Layer layer, string kind)
    {
        using var weights = new FormulaWeights(0.8);
        var slot = layer.Weights.Single(w => w.Kind == kind);
        var values = new float[slot.Count];
        weights.Read(layer, slot, 0, values);
        return values;
    }

    public static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = 0.0;
        foreach (var value in expected)
            largest = Math.Max(largest, Math.Abs(value));
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs((double)expected[i] - actual[i]) <= tolerance * largest, $"at {i}: {actual[i]} for {expected[i]}");
    }

    public static string[] NodeTypes(OnnxModel model) => [.. model.Proto.Graph.Node.Select(n => n.OpType)];

    private sealed class PlanarBatch(float[] values, int n) : IImageBatch
    {
        public int Count => n;

        public void Read(int first, int count, Span<float> planar) =>
            values.AsSpan(first * (values.Length / n), planar.Length).CopyTo(planar);
    }
}
