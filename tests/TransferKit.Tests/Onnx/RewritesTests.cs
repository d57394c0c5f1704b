using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Onnx;

public class RewritesTests
{
    private static readonly Edges OneAround = 1;

    public static TheoryData<string> Linears => ["conv", "conv without bias", "depthwise", "separable", "dense", "dense on a map"];

    [Theory, MemberData(nameof(Linears))]
    public void A_batch_normalisation_folds_into_the_linear_layer_before_it(string which)
    {
        var graph = Of(9, 8, (g, x) => g.Add(new BatchNormalization { Epsilon = 1e-5 }, "bn", Linear(g, x, which)));
        var (folded, plain, input) = (Folded(graph), Plain(graph), Numbers(2, 9, 8));

        Assert.Contains("BatchNormalization", NodeTypes(plain));
        Assert.DoesNotContain("BatchNormalization", NodeTypes(folded));
        AssertClose(Run(plain, input)[0], Run(folded, input)[0]);
    }

    [Theory, InlineData(true, false), InlineData(false, true), InlineData(false, false)]
    public void A_batch_normalisation_without_scale_or_center_is_the_same_folded_and_not(bool scale, bool center)
    {
        var graph = Of(6, 6, (g, x) => g.Add(new BatchNormalization { Scale = scale, Center = center }, "bn", Linear(g, x, "conv")));
        AssertClose(RunPlainly(graph, Numbers(1, 6, 6)), Run(graph, Numbers(1, 6, 6)));
    }

    [Fact]
    public void A_batch_normalisation_stays_behind_an_activation_a_wanted_layer_and_a_shared_one()
    {
        var activated = Of(6, 6, (g, x) =>
            g.Add(
                new BatchNormalization(), "bn", g.Add(new Conv2D(4, 3, 1, Padding.Same) { Activation = ActivationKind.Relu }, "conv", x)));
        var shared = Of(6, 6, (g, x) =>
        {
            var conv = Linear(g, x, "conv");
            return g.Add(new Add(), "sum", conv, g.Add(new BatchNormalization(), "bn", conv));
        });
        var wanted = Of(6, 6, (g, x) => g.Add(new BatchNormalization(), "bn", Linear(g, x, "conv")));
        Assert.True(wanted.TryFind("conv", out var conv));

        Assert.Contains("BatchNormalization", NodeTypes(Folded(activated)));
        Assert.Contains("BatchNormalization", NodeTypes(Folded(shared)));
        Assert.Contains("BatchNormalization", NodeTypes(OnnxWriter.Translate(wanted, [conv, wanted.Output], InputForm.Planar)));
    }

    [Fact]
    public void A_layer_scale_folds_into_the_dense_layer_before_it()
    {
        var graph = Of(5, 4, (g, x) => g.Add(new LayerScale(1e-6), "scale", Linear(g, x, "dense on a map")));

        Assert.Equal(2, NodeTypes(Plain(graph)).Count(t => t is "Mul" or "MatMul"));
        Assert.DoesNotContain("Mul", NodeTypes(Folded(graph)));
        AssertClose(RunPlainly(graph, Numbers(1, 5, 4)), Run(graph, Numbers(1, 5, 4)));
    }

    [Fact]
    public void A_scaled_sum_becomes_a_plain_one_behind_a_convolution()
    {
        var graph = Of(5, 4, (g, x) => g.Add(new CustomScaleLayer(0.17), "sum", x, g.Add(new Conv2D(3, 3, 1, Padding.Same), "conv", x)));

        Assert.DoesNotContain("Mul", NodeTypes(Folded(graph)));
        AssertClose(RunPlainly(graph, Numbers(1, 5, 4)), Run(graph, Numbers(1, 5, 4)));
    }

    [Fact]
    public void Zero_padding_folds_into_a_valid_convolution()
    {
        var graph = Of(8, 9, (g, x) =>
            g.Add(new Conv2D(4, 3, 2, Padding.Valid), "conv", g.Add(new ZeroPadding2D(new Edges(0, 1, 2, 1)), "pad", x)));

        Assert.DoesNotContain("Pad", NodeTypes(Folded(graph)));
        AssertClose(RunPlainly(graph, Numbers(1, 8, 9)), Run(graph, Numbers(1, 8, 9)));
    }

    [Fact]
    public void A_maximum_over_zero_padding_sees_the_zeros_where_its_input_is_negative()
    {
        // With an odd height, the last window does not reach the padding below.
        var graph = Of(
            7, 8,
            (g, x) => g.Add(new MaxPooling2D(3, 2, Padding.Valid), "pool", g.Add(new ZeroPadding2D(new Edges(1, 0, 0, 1)), "pad", x)));
        var input = Numbers(1, 7, 8).Select(v => -Math.Abs(v) - 1).ToArray();
        var padded = new float[8 * 9 * 3];
        for (var y = 0; y < 7; y++)
            input.AsSpan(y * 8 * 3, 8 * 3).CopyTo(padded.AsSpan((y + 1) * 9 * 3));

        Assert.DoesNotContain("Pad", NodeTypes(Folded(graph)));
        Assert.Equal(NaiveWindows.Pool(padded, Shape.Map(8, 9, 3), 3, 2, Padding.Valid, p => p.Max()), Run(graph, input));
    }

    [Fact]
    public void A_maximum_over_zero_padding_needs_no_zeros_behind_a_relu()
    {
        var graph = Of(8, 8, (g, x) => g.Add(new MaxPooling2D(3, 2, Padding.Valid), "pool",
            g.Add(new ZeroPadding2D(OneAround), "pad", g.Add(new ReLU(), "relu", x))));

        Assert.DoesNotContain("Max", NodeTypes(Folded(graph)));
        Assert.DoesNotContain("Pad", NodeTypes(Folded(graph)));
        Assert.Equal(
            TinyGraph.Run(OnnxWriter.Translate(graph, [Find(graph, "pad"), graph.Output], InputForm.Planar), Numbers(1, 8, 8))[1],
            Run(graph, Numbers(1, 8, 8)));
    }

    [Fact]
    public void Zero_padding_that_feeds_several_layers_stays()
    {
        var graph = Of(8, 8, (g, x) =>
        {
            var pad = g.Add(new ZeroPadding2D(OneAround), "pad", x);
            return g.Add(
                new Add(), "sum", g.Add(new Conv2D(4, 3, 1, Padding.Valid), "a", pad), g.Add(new Conv2D(4, 3, 1, Padding.Valid), "b", pad));
        });
        Assert.Contains("Pad", NodeTypes(Folded(graph)));
    }

    [Fact]
    public void Squeeze_and_excite_pools_without_a_reshape()
    {
        var graph = Of(6, 5, (g, x) => g.Add(new Multiply(), "excite", x, g.Add(new Conv2D(3, 1, 1, Padding.Same), "gate",
            g.Add(new Reshape(Shape.Map(1, 1, 3)), "reshape", g.Add(new GlobalAveragePooling2D(), "squeeze", x)))));

        Assert.DoesNotContain("Reshape", NodeTypes(Folded(graph)));
        AssertClose(RunPlainly(graph, Numbers(2, 6, 5)), Run(graph, Numbers(2, 6, 5)));
    }

    [Fact]
    public void A_hard_sigmoid_in_three_layers_becomes_one_node()
    {
        var graph = Of(4, 3, (g, x) =>
            g.Add(
                new MultiplyConstant(1.0 / 6),
                "scaled",
                g.Add(new ReLU(6), "clipped", g.Add(new AddConstant(3), "shifted", Linear(g, x, "conv")))));

        Assert.Equal(["Conv", "HardSigmoid", "Transpose"], NodeTypes(Folded(graph)));
        AssertClose(RunPlainly(graph, Numbers(1, 4, 3)), Run(graph, Numbers(1, 4, 3)));
        Assert.Contains("Clip", NodeTypes(OnnxWriter.Translate(graph, [Find(graph, "clipped"), graph.Output], InputForm.Planar)));
    }

    [Fact]
    public void Blocks_that_end_with_their_channels_last_are_not_turned_over_one_by_one()
    {
        var graph = Of(6, 6, (g, x) =>
        {
            x = Linear(g, x, "conv");
            for (var i = 0; i < 3; i++)
                x = g.Add(new Add(), null, x, g.Add(new Dense(4), $"dense{i}", g.Add(new LayerNormalization(), $"norm{i}", x)));
            return x;
        });

        Assert.Single(NodeTypes(Folded(graph)), "Transpose");
        AssertClose(RunPlainly(graph, Numbers(2, 6, 6)), Run(graph, Numbers(2, 6, 6)));
    }

    private static Layer Linear(GraphBuilder g, Layer x, string which) => which switch
    {
        "conv" => g.Add(new Conv2D(4, 3, 2, Padding.Same), "conv", x),
        "conv without bias" => g.Add(new Conv2D(4, 3, 2, Padding.Same) { UseBias = false }, "conv", x),
        "depthwise" => g.Add(new DepthwiseConv2D(3, 1, Padding.Same) { DepthMultiplier = 2 }, "conv", x),
        "separable" => g.Add(new SeparableConv2D(4, 3, 1, Padding.Same) { UseBias = false }, "conv", x),
        "dense" => g.Add(new Dense(7), "dense", g.Add(new Flatten(), "flatten", x)),
        _ => g.Add(new Dense(7), "dense", x),
    };

    private static OnnxModel Folded(LayerGraph graph) => OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar);

    private static OnnxModel Plain(LayerGraph graph) => OnnxWriter.TranslatePlainly(graph, [graph.Output], InputForm.Planar);

    private static Layer Find(LayerGraph graph, string name) =>
        graph.TryFind(name, out var layer) ? layer : throw new KeyNotFoundException(name);
}
