using TransferKit.Architectures;
using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Tests.Architectures;
using static TransferKit.Tests.Onnx.TinyGraph;
using static TransferKit.Tests.Operators.OptimisedGraph;

namespace TransferKit.Tests.Operators;

/// <summary>Compares squeeze-and-excitation in blocks with ONNX Runtime's. Processors without these vectors skip the tests.</summary>
public sealed class BlockedGateTests
{
    private const string Ours = "BlockedGate";

    // Channels of 24 and 40 do not fill blocks of 16.
    [Theory, InlineData(32), InlineData(24), InlineData(40), InlineData(96)]
    public void Excitation_stays_in_blocks(int channels)
    {
        var operators = Check(Of(13, 9, (b, x) => Narrow(b, EfficientNet.SqueezeExcite(b, WideMap(b, x, channels), 64, ""))), 3);
        Assert.Contains(Ours, operators);
        Assert.DoesNotContain("Mul", operators);
    }

    [Fact]
    public void A_product_that_leaves_the_blocks_stays_as_it_is()
    {
        var operators = Check(Of(13, 9, (b, x) => b.Add(
            new GlobalMaxPooling2D(), "max", EfficientNet.SqueezeExcite(b, WideMap(b, x, 32), 64, ""))), 2);
        Assert.DoesNotContain(Ours, operators);
    }

    [Fact]
    public void A_map_of_one_place_and_a_product_of_maps_are_multiplied_as_before()
    {
        Assert.DoesNotContain(Ours, Check(
            Of(1, 1, (b, x) => Narrow(b, EfficientNet.SqueezeExcite(b, WideMap(b, x, 32), 64, ""))), 2));
        Assert.DoesNotContain(Ours, Check(Of(8, 8, (b, x) =>
        {
            var wide = WideMap(b, x, 32);
            return Narrow(b, b.Add(new Multiply(), "product", wide, b.Add(new Conv2D(32, 1, 1, Padding.Same), "other", wide)));
        }), 2));
    }

    [Fact]
    public void A_number_for_all_channels_is_multiplied_as_before() =>
        Assert.DoesNotContain(Ours, Check(
            Of(13, 9, (b, x) =>
            {
                var wide = WideMap(b, x, 32);
                var mean = b.Add(new Reshape(Shape.Map(1, 1, 32)), "reshape", b.Add(new GlobalAveragePooling2D(), "mean", wide));
                var factor = b.Add(new Conv2D(1, 1, 1, Padding.Same) { Activation = ActivationKind.Sigmoid }, "factor", mean);
                return Narrow(b, b.Add(new Multiply(), "product", wide, factor));
            }), 2));

    [Theory, InlineData("efficientnet_b0", 16), InlineData("mobilenet_v3_small", 9), InlineData("efficientnet_v2_b0", 16)]
    public void A_backbone_runs_by_it(string name, int expected)
    {
        SkipWhereUnsupported();
        var graph = AllArchitectures.Build(name, o => o with { IncludeTop = false, Pooling = Pooling.Avg });
        Assert.Equal(expected, Optimised(OnnxWriter.TranslateForEngine(graph, [graph.Output])).Count(n => n.OpType == Ours));
    }

    private static Layer WideMap(GraphBuilder builder, Layer input, int channels) =>
        builder.Add(new Conv2D(channels, 3, 1, Padding.Same) { Activation = ActivationKind.Relu }, "wide", input);
}
