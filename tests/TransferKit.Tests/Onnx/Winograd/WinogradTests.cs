using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Winograd;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Onnx.Winograd;

/// <summary>The operator against ONNX Runtime's own convolution; where the processor has no such vectors, there is nothing to test.</summary>
public sealed class WinogradTests
{
    [Theory]
    [InlineData(1, 8, 8)]
    [InlineData(2, 7, 9)]
    [InlineData(3, 1, 1)]
    [InlineData(1, 2, 3)]
    [InlineData(5, 30, 29)]
    public void A_chain_of_convolutions_computes_what_ONNX_Runtime_computes(int n, int height, int width)
    {
        SkipWhereUnsupported();
        var graph = Of(height, width, (b, x) => Convolution(b, Convolution(b, x, "first", 64), "second", 128));
        Check(graph, n, ["WinogradConv", "WinogradConv"], graph.Output);
    }

    [Theory]
    [InlineData(1, 8, 8)]
    [InlineData(2, 7, 9)]
    [InlineData(3, 2, 3)]
    [InlineData(5, 30, 29)]
    public void A_halving_maximum_is_part_of_the_convolution_before_it(int n, int height, int width)
    {
        SkipWhereUnsupported();
        var graph = Of(height, width, (b, x) => Pool(b, Convolution(b, Convolution(b, x, "first", 64), "second", 64)));
        Check(graph, n, ["WinogradConv", "WinogradConv"], graph.Output);
    }

    [Fact]
    public void A_wanted_layer_is_there_before_the_maximum()
    {
        SkipWhereUnsupported();
        var graph = Of(12, 12, (b, x) => Convolution(b, Pool(b, Convolution(b, x, "first", 64)), "second", 64));
        Check(graph, 2, null, [.. graph.Layers.Where(l => l.Name is "first" or "second")]);
    }

    [Fact]
    public void What_does_not_begin_at_the_input_or_is_no_3x3_of_64_filters_stays_as_it_is()
    {
        SkipWhereUnsupported();
        var graph = Of(12, 12, (b, x) =>
        {
            var seven = b.Add(new Conv2D(64, 7, 1, Padding.Same) { Activation = ActivationKind.Relu }, "seven", x);
            return Convolution(b, seven, "after", 64);
        });
        Assert.DoesNotContain("WinogradConv", NodeTypes(OnnxWriter.TranslateForEngine(graph, [graph.Output])));
        var odd = Of(12, 12, (b, x) => Convolution(b, x, "odd", 48));
        Assert.DoesNotContain("WinogradConv", NodeTypes(OnnxWriter.TranslateForEngine(odd, [odd.Output])));
    }

    [Fact]
    public void Kernels_that_would_take_too_much_memory_stay_as_they_are()
    {
        SkipWhereUnsupported();
        var graph = Of(8, 8, (b, x) => Convolution(b, Convolution(b, x, "first", 64), "second", 64));
        var first = (36 - 9) * 3 * 64 * sizeof(float);
        var second = (36 - 9) * 64 * 64 * sizeof(float);
        Assert.Equal(["WinogradConv", "Conv"], Convolutions(first + second - 1));
        Assert.Equal(["WinogradConv", "WinogradConv"], Convolutions(first + second));

        IEnumerable<string> Convolutions(long mostBytes) => NodeTypes(OnnxWriter.TranslateForEngine(graph, [graph.Output], mostBytes))
            .Where(n => n.EndsWith("Conv", StringComparison.Ordinal));
    }

    [Fact]
    public void An_exported_model_has_no_operator_of_ours()
    {
        var graph = Of(12, 12, (b, x) => Convolution(b, x, "first", 64));
        Assert.False(OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar).HasOwnOperators);
    }

    private static void SkipWhereUnsupported() => Assert.SkipUnless(WinogradConvolution.IsSupported, "This processor has no vectors of 512 bits.");

    private static void Check(LayerGraph graph, int n, string[]? nodes, params Layer[] outputs)
    {
        var ours = OnnxWriter.TranslateForEngine(graph, outputs);
        if (nodes is not null)
            Assert.Equal(nodes, NodeTypes(ours).Where(t => t != "Identity").Take(nodes.Length));
        var pixels = Numbers(n, graph.Input.OutputShape.Height, graph.Input.OutputShape.Width);
        var expected = Run(OnnxWriter.Translate(graph, outputs, InputForm.Planar), pixels);
        var actual = Run(ours, pixels);
        for (var i = 0; i < outputs.Length; i++)
            AssertClose(expected[i], actual[i]);
    }

    private static Layer Convolution(GraphBuilder builder, Layer input, string name, int filters) =>
        builder.Add(new Conv2D(filters, 3, 1, Padding.Same) { Activation = ActivationKind.Relu }, name, input);

    private static Layer Pool(GraphBuilder builder, Layer input) => builder.Add(new MaxPooling2D(2, 2, Padding.Valid), "pool", input);
}
