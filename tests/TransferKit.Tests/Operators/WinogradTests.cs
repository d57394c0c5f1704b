using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Tests.Architectures;
using static TransferKit.Tests.Onnx.TinyGraph;
using static TransferKit.Tests.Operators.OptimisedGraph;

namespace TransferKit.Tests.Operators;

/// <summary>Compares the operator with ONNX Runtime's convolution. Processors without these vectors skip the tests.</summary>
public sealed class WinogradTests
{
    private const string Ours = "WinogradConv";

    [Theory]
    [InlineData(1, 12, 12, 64, 64)]
    [InlineData(2, 9, 9, 16, 32)]
    [InlineData(3, 10, 13, 48, 96)]
    [InlineData(5, 30, 29, 32, 64)]
    [InlineData(1, 5, 50, 80, 192)]
    [InlineData(3, 56, 57, 64, 32)]
    [InlineData(2, 16, 11, 24, 24)]
    public void A_convolution_computes_what_ONNX_Runtime_computes(int n, int height, int width, int channels, int filters)
    {
        foreach (var padding in new[] { Padding.Same, Padding.Valid })
        {
            // Valid padding removes the two pixels that are added here.
            var frame = padding == Padding.Same ? 0 : 2;
            var graph = Of(height + frame, width + frame, (b, x) => Convolution(b, Wide(b, x, channels), filters, padding));
            Check(graph, n, 1);
        }
    }

    [Theory, InlineData(true, true), InlineData(true, false), InlineData(false, true), InlineData(false, false)]
    public void Bias_and_ReLU_are_there_where_the_layer_has_them(bool hasBias, bool hasRelu)
    {
        var graph = Of(14, 15, (b, x) => b.Add(
            new Conv2D(64, 3, 1, Padding.Same) { UseBias = hasBias, Activation = hasRelu ? ActivationKind.Relu : null }, "conv",
            Wide(b, x, 32)));
        Check(graph, 2, 1);
    }

    [Fact]
    public void Convolutions_follow_one_another_in_blocks()
    {
        var graph = Of(20, 20, (b, x) =>
        {
            var first = Convolution(b, Wide(b, x, 32), 64, name: "first");
            return Convolution(
                b, b.Add(new MaxPooling2D(2, 2, Padding.Valid), "pool", Convolution(b, first, 64, name: "second")), 64, name: "third");
        });
        Check(graph, 2, 3);
        Assert.Single(Optimised(OnnxWriter.TranslateForEngine(graph, [graph.Output])), n => n.OpType == "ReorderOutput");
    }

    [Fact]
    public void A_map_of_few_tiles_keeps_its_kernel_and_needs_many_filters()
    {
        foreach (var n in new[] { 1, 2, 3 })
            Check(Of(7, 7, (b, x) => Convolution(b, Wide(b, x, 80), 128)), n, 1);
        Check(Of(7, 7, (b, x) => Convolution(b, Wide(b, x, 80), 96)), 1, 0);
        SkipWhereUnsupported();
        var graph = Of(7, 7, (b, x) => Convolution(b, Wide(b, x, 80), 128));
        var node = Optimised(OnnxWriter.TranslateForEngine(graph, [graph.Output])).Single(n => n.OpType == Ours);
        Assert.Equal(0, node.Attribute.Single(a => a.Name == "transformed").I);
    }

    [Fact]
    public void Other_convolutions_stay_as_they_are()
    {
        Check(Of(12, 12, (b, x) => Convolution(b, Wide(b, x, 32), 48)), 1, 0);
        Check(Of(8, 8, (b, x) => Convolution(b, Wide(b, x, 32), 64)), 1, 0);
        Check(Of(24, 24, (b, x) => b.Add(new Conv2D(64, 3, 2, Padding.Same), "strides", Wide(b, x, 32))), 1, 0);
        Check(Of(12, 12, (b, x) => b.Add(new Conv2D(64, 5, 1, Padding.Same), "five", Wide(b, x, 32))), 1, 0);
        Check(Of(12, 12, (b, x) => b.Add(new Conv2D(64, 3, 1, Padding.Same) { Groups = 2 }, "groups", Wide(b, x, 32))), 1, 0);
        Check(Of(12, 12, (b, x) => b.Add(new Conv2D(64, 3, 1, Padding.Same) { Dilation = 2 }, "dilation", Wide(b, x, 32))), 1, 0);
    }

    [Fact]
    public void A_convolution_that_a_sum_is_fused_into_stays_as_it_is()
    {
        var graph = Of(12, 12, (b, x) =>
        {
            var wide = Wide(b, x, 64);
            return b.Add(new Add(), "sum", wide, b.Add(new Conv2D(64, 3, 1, Padding.Same), "conv", wide));
        });
        Check(graph, 1, 0);
    }

    [Fact]
    public void The_largest_maps_come_first_where_kernels_may_take_no_more_memory()
    {
        SkipWhereUnsupported();
        var graph = Of(40, 40, (b, x) =>
        {
            var pool = b.Add(new MaxPooling2D(2, 2, Padding.Valid), "pool", Convolution(b, Wide(b, x, 32), 64, name: "large"));
            return Convolution(b, pool, 64, name: "small");
        });
        var model = OnnxWriter.TranslateForEngine(graph, [graph.Output]);
        var large = (36 - 9) * 32 * 64 * sizeof(float);
        var small = (36 - 9) * 64 * 64 * sizeof(float);
        Assert.Equal(["large"], Names(large));
        Assert.Equal(["large"], Names(large + small - 1));
        Assert.Equal(["large", "small"], Names(large + small));

        IEnumerable<string> Names(long mostBytes) => Optimised(model with { MostWinogradBytes = mostBytes })
            .Where(n => n.OpType == Ours && n.Attribute.Single(a => a.Name == "transformed").I == 1).Select(n => n.Name.Split('/', '_')[0]);
    }

    [Theory, InlineData("resnet50", 16), InlineData("vgg16", 12), InlineData("inception_v3", 12)]
    public void A_backbone_runs_by_it(string name, int expected)
    {
        SkipWhereUnsupported();
        var graph = AllArchitectures.Build(name, o => o with { IncludeTop = false, Pooling = Pooling.Avg });
        Assert.Equal(expected, Optimised(OnnxWriter.TranslateForEngine(graph, [graph.Output])).Count(n => n.OpType == Ours));
    }

    [Fact]
    public void A_model_of_standard_operators_stays_one()
    {
        var graph = Of(12, 12, (b, x) => Convolution(b, Wide(b, x, 32), 64));
        Assert.DoesNotContain(Optimised(OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar)), n => n.OpType == Ours);
    }

    private static void Check(LayerGraph graph, int n, int expected) =>
        Assert.Equal(expected, OptimisedGraph.Check(graph, n).Count(o => o == Ours));

    private static Layer Convolution(
        GraphBuilder builder, Layer input, int filters, Padding padding = Padding.Same, string name = "conv") =>
        builder.Add(new Conv2D(filters, 3, 1, padding) { Activation = ActivationKind.Relu }, name, input);
}
