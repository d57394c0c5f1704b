using System.Runtime.Intrinsics;
using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Tests.Architectures;
using static TransferKit.Tests.Onnx.TinyGraph;
using static TransferKit.Tests.Operators.OptimisedGraph;

namespace TransferKit.Tests.Operators;

/// <summary>Compares the operator with ONNX Runtime's convolution. Processors without these vectors skip the tests.</summary>
public sealed class BlockedDepthwiseTests
{
    private const string Ours = "BlockedDepthwiseConv";

    [Theory]
    [InlineData(1, 7, 7, 16)]
    [InlineData(2, 9, 14, 48)]
    [InlineData(3, 30, 29, 32)]
    [InlineData(1, 5, 50, 80)]
    [InlineData(2, 16, 11, 24)]
    [InlineData(1, 61, 3, 96)]
    public void A_convolution_computes_what_ONNX_Runtime_computes(int n, int height, int width, int channels)
    {
        foreach (var kernel in new[] { 2, 3, 5, 7 })
        {
            foreach (var stride in new[] { 1, 2 })
            {
                foreach (var padding in new[] { Padding.Same, Padding.Valid })
                {
                    // Valid padding needs a map that the kernel fits into.
                    if (padding == Padding.Valid && Math.Min(height, width) < kernel)
                        continue;
                    var graph = Of(height, width, (b, x) =>
                        b.Add(new DepthwiseConv2D(kernel, stride, padding), "depthwise", Wide(b, x, channels)));
                    Assert.Contains(Ours, Check(graph, n));
                }
            }
        }
    }

    [Fact]
    public void What_is_applied_before_and_after_is_computed_with_it()
    {
        ActivationKind?[] kinds = [null, ActivationKind.Relu, ActivationKind.Swish, ActivationKind.HardSwish, ActivationKind.Sigmoid];
        foreach (var before in kinds)
        {
            foreach (var after in kinds)
            {
                var graph = Of(15, 13, (b, x) => Narrow(b, b.Add(
                    new DepthwiseConv2D(3, 1, Padding.Same) { Activation = after }, "depthwise",
                    b.Add(new Conv2D(32, 1, 1, Padding.Same) { Activation = before }, "wide", x))));
                var operators = Check(graph, 2);
                var isOurs = after != ActivationKind.Sigmoid;
                Assert.Equal(isOurs, operators.Contains(Ours));
                Assert.Equal(!isOurs && before == ActivationKind.Swish, operators.Contains("QuickGelu"));
            }
        }
    }

    // Channels of 24 and 120 do not fill their last block, and maps of fewer than seven columns are computed place by place.
    [Theory]
    [InlineData(1, 56, 56, 24, 96, nameof(ActivationKind.Relu))]
    [InlineData(2, 57, 61, 32, 120, nameof(ActivationKind.Swish))]
    [InlineData(1, 420, 5, 16, 64, nameof(ActivationKind.HardSwish))]
    [InlineData(1, 33, 200, 48, 32, null)]
    public void The_convolution_that_widens_a_large_map_is_computed_with_it(
        int n, int height, int width, int narrow, int wide, string? activation)
    {
        ActivationKind? kind = activation is null ? null : Enum.Parse<ActivationKind>(activation);
        foreach (var (kernel, stride) in new[] { (3, 1), (3, 2), (5, 1), (5, 2) })
        {
            var graph = Of(height, width, (b, x) => Narrow(b, b.Add(
                new DepthwiseConv2D(kernel, stride, Padding.Same) { Activation = kind }, "depthwise",
                b.Add(new Conv2D(wide, 1, 1, Padding.Same) { Activation = kind }, "expansion", Wide(b, x, narrow)))));
            Assert.Equal(Vector512.IsHardwareAccelerated, Check(graph, n).Contains("BlockedExpandingConv"));
        }
    }

    [Fact]
    public void A_convolution_that_others_read_or_that_gains_nothing_stays()
    {
        Assert.Contains(Ours, Check(Of(56, 56, (b, x) =>
        {
            var expansion = b.Add(new Conv2D(96, 1, 1, Padding.Same), "expansion", Wide(b, x, 32));
            var depthwise = b.Add(new DepthwiseConv2D(3, 1, Padding.Same), "depthwise", expansion);
            return b.Add(new Add(), "sum", Narrow(b, depthwise), b.Add(new Conv2D(16, 1, 1, Padding.Same), "other", expansion));
        }), 1));
        foreach (var (size, channels) in new[] { (28, 32), (56, 64) })
        {
            Assert.Contains(Ours, Check(Of(size, size, (b, x) => b.Add(
                new DepthwiseConv2D(3, 1, Padding.Same), "depthwise",
                b.Add(new Conv2D(96, 1, 1, Padding.Same), "expansion", Wide(b, x, channels)))), 1));
        }
    }

    [Fact]
    public void Numbers_may_be_bounded_on_both_sides()
    {
        var graph = Of(15, 13, (b, x) => Narrow(b, b.Add(
            new ReLU(6), "six", b.Add(new DepthwiseConv2D(3, 2, Padding.Same), "depthwise", Wide(b, x, 32)))));
        Assert.DoesNotContain("Clip", Check(graph, 2));
    }

    [Fact]
    public void Swish_that_others_read_too_stays()
    {
        var graph = Of(12, 12, (b, x) =>
        {
            var swish = b.Add(new Conv2D(32, 1, 1, Padding.Same) { Activation = ActivationKind.Swish }, "wide", x);
            var depthwise = b.Add(new DepthwiseConv2D(3, 1, Padding.Same), "depthwise", swish);
            return Narrow(b, b.Add(new Add(), "sum", swish, b.Add(new Activation(ActivationKind.Swish), "after", depthwise)));
        });
        var operators = Check(graph, 2);
        Assert.Contains(Ours, operators);
        Assert.Single(operators, "QuickGelu");
    }

    [Fact]
    public void An_output_that_is_asked_for_stays()
    {
        SkipWhereUnsupported();
        var graph = Of(12, 12, (b, x) =>
        {
            var swish = b.Add(new Conv2D(32, 1, 1, Padding.Same) { Activation = ActivationKind.Swish }, "wide", x);
            return b.Add(
                new Activation(ActivationKind.Swish), "after", b.Add(new DepthwiseConv2D(3, 1, Padding.Same), "depthwise", swish));
        });
        Layer[] outputs = [.. graph.Layers.Where(l => l.Name is "wide" or "depthwise" or "after")];
        var pixels = Numbers(2, 12, 12);
        var expected = Run(OnnxWriter.Translate(graph, outputs, InputForm.Planar), pixels);
        var actual = Run(OnnxWriter.TranslateForEngine(graph, outputs), pixels);
        for (var i = 0; i < outputs.Length; i++)
            AssertClose(expected[i], actual[i]);
    }

    [Fact]
    public void Other_convolutions_stay_as_they_are()
    {
        Assert.DoesNotContain(Ours, Check(Of(24, 24, (b, x) =>
            b.Add(new DepthwiseConv2D(3, 3, Padding.Same), "stride", Wide(b, x, 32))), 1));
        Assert.DoesNotContain(Ours, Check(Of(24, 24, (b, x) =>
            b.Add(new DepthwiseConv2D(9, 1, Padding.Same), "nine", Wide(b, x, 32))), 1));
        Assert.DoesNotContain(Ours, Check(Of(24, 24, (b, x) =>
            b.Add(new DepthwiseConv2D(3, 1, Padding.Same) { Dilation = 2 }, "dilation", Wide(b, x, 32))), 1));
        Assert.DoesNotContain(Ours, Check(Of(24, 24, (b, x) =>
            b.Add(new DepthwiseConv2D(3, 1, Padding.Same) { DepthMultiplier = 2 }, "multiplier", Wide(b, x, 32))), 1));
    }

    [Theory]
    [InlineData("mobilenet_v2", 11, 6)]
    [InlineData("efficientnet_b0", 11, 5)]
    [InlineData("xception", 34, 0)]
    [InlineData("convnext_tiny", 18, 0)]
    [InlineData("densenet121", 0, 0)]
    public void A_backbone_runs_by_it(string name, int alone, int expanding)
    {
        SkipWhereUnsupported();
        var graph = AllArchitectures.Build(name, o => o with { IncludeTop = false, Pooling = Pooling.Avg });
        string[] operators = [.. Optimised(OnnxWriter.TranslateForEngine(graph, [graph.Output])).Select(n => n.OpType)];
        Assert.Equal(alone + (Vector512.IsHardwareAccelerated ? 0 : expanding), operators.Count(o => o == Ours));
        Assert.Equal(Vector512.IsHardwareAccelerated ? expanding : 0, operators.Count(o => o == "BlockedExpandingConv"));
    }
}
