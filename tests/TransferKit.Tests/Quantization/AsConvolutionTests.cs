using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Quantization;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Quantization;

/// <summary>Tests that layers rewritten to convolutions for int8 compute the same in floats.</summary>
public class AsConvolutionTests
{
    [Theory]
    [InlineData(3, 1, true), InlineData(3, 2, true), InlineData(2, 2, false), InlineData(3, 2, false)]
    public void An_average_pooling_is_a_convolution_at_the_edges_too(int pool, int stride, bool isSame)
    {
        var graph = Of(9, 8, (g, x) => g.Add(new AveragePooling2D(pool, stride, isSame ? Padding.Same : Padding.Valid), "pool", x));
        var model = OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar);
        var numbers = Numbers(2, 9, 8);

        var changed = AverageAsConvolution.Apply(model);

        Assert.DoesNotContain("AveragePool", NodeTypes(changed));
        AssertClose(Run(model, numbers)[0], Run(changed, numbers)[0]);
    }

    [Fact]
    public void A_batch_normalisation_by_itself_is_a_convolution()
    {
        var graph = Of(
            9, 8,
            (g, x) => g.Add(
                new BatchNormalization { Scale = false }, "second",
                g.Add(new ReLU(), "relu", g.Add(new BatchNormalization(), "first", x))));
        var model = OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar);
        var numbers = Numbers(2, 9, 8);

        var changed = NormalizationAsConvolution.Apply(model);

        Assert.DoesNotContain("BatchNormalization", NodeTypes(changed));
        AssertClose(Run(model, numbers)[0], Run(changed, numbers)[0]);
    }
}
