using TransferKit.Graph;
using TransferKit.Onnx;
using static TransferKit.Tests.Onnx.TinyGraph;
using static TransferKit.Tests.Operators.OptimisedGraph;

namespace TransferKit.Tests.Operators;

/// <summary>Compares the operator with ONNX Runtime's. Processors without these vectors skip the tests.</summary>
public sealed class BiasGeluTests
{
    private const string Ours = "BiasGelu";

    [Theory, InlineData(16, 1), InlineData(48, 3), InlineData(5008, 2)]
    public void A_map_is_computed_as_ONNX_Runtime_computes_it(int channels, int n) =>
        Assert.Contains(Ours, Check(Of(7, 5, (b, x) => Gelu(b, x, channels)), n));

    [Fact]
    public void Channels_that_fill_no_vectors_stay_with_ONNX_Runtime()
    {
        SkipWhereUnsupported();
        var graph = Of(7, 5, (b, x) => Gelu(b, x, 24));
        Assert.DoesNotContain(Optimised(OnnxWriter.TranslateForEngine(graph, [graph.Output])), n => n.Domain == "TransferKit");
    }

    private static Layer Gelu(GraphBuilder builder, Layer input, int channels) =>
        builder.Add(new Dense(channels) { Activation = ActivationKind.Gelu }, "dense", input);
}
