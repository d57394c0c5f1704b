using TransferKit.Graph;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Onnx;

public class WindowNodesTests
{
    public static TheoryData<int, int, int, int, int> Windows => new()
    {
        // Rows are height, width, kernel, stride and dilation. Some sizes need asymmetric "same" padding.
        { 7, 9, 3, 1, 1 }, { 8, 7, 3, 2, 1 }, { 9, 10, 2, 2, 1 }, { 11, 8, 5, 3, 1 }, { 7, 6, 4, 2, 1 }, { 9, 11, 3, 1, 2 },
        { 6, 6, 1, 2, 1 },
    };

    [Theory, MemberData(nameof(Windows))]
    public void A_same_convolution_pads_as_TensorFlow_does(int height, int width, int kernel, int stride, int dilation)
    {
        var op = new Conv2D(5, kernel, stride, Padding.Same) { Dilation = dilation };
        var graph = Of(height, width, (g, x) => g.Add(op, "conv", x));
        var input = Numbers(1, height, width);

        var expected = NaiveWindows.Convolve(
            input, graph.Input.OutputShape, Weight(graph.Output, "kernel"), Weight(graph.Output, "bias"), kernel, stride, Padding.Same,
            dilation, 1, 5);
        AssertClose(expected, Run(graph, input));
    }

    [Theory, MemberData(nameof(Windows))]
    public void A_depthwise_convolution_multiplies_channels_in_Keras_order(int height, int width, int kernel, int stride, int dilation)
    {
        var op = new DepthwiseConv2D(kernel, stride, Padding.Same) { DepthMultiplier = 2, Dilation = dilation };
        var graph = Of(height, width, (g, x) => g.Add(op, "depthwise", x));
        var input = Numbers(1, height, width);

        // Keras' kernel (height, width, in, multiplier) has the memory layout of (height, width, 1, in x multiplier).
        var expected = NaiveWindows.Convolve(
            input, graph.Input.OutputShape, Weight(graph.Output, "depthwise_kernel"), Weight(graph.Output, "bias"), kernel, stride,
            Padding.Same, dilation, 3, 6);
        AssertClose(expected, Run(graph, input));
    }

    [Fact]
    public void Groups_of_a_convolution_see_their_own_channels()
    {
        var graph = Of(7, 5, (g, x) => g.Add(new Conv2D(6, 3, 2, Padding.Valid) { Groups = 3, UseBias = false }, "conv", x));
        var input = Numbers(1, 7, 5);

        var expected = NaiveWindows.Convolve(
            input, graph.Input.OutputShape, Weight(graph.Output, "kernel"), null, 3, 2, Padding.Valid, 1, 3, 6);
        AssertClose(expected, Run(graph, input));
    }

    [Fact]
    public void A_separable_convolution_is_a_depthwise_and_a_pointwise_one()
    {
        var graph = Of(
            8, 9, (g, x) => g.Add(new SeparableConv2D(4, 3, 2, Padding.Same) { Activation = ActivationKind.Relu }, "separable", x));
        var (input, shape) = (Numbers(1, 8, 9), graph.Input.OutputShape);

        var depthwise = NaiveWindows.Convolve(input, shape, Weight(graph.Output, "depthwise_kernel"), null, 3, 2, Padding.Same, 1, 3, 3);
        var pointwise = NaiveWindows.Convolve(
            depthwise, Shape.Map(4, 5, 3), Weight(graph.Output, "pointwise_kernel"), Weight(graph.Output, "bias"), 1, 1, Padding.Valid, 1,
            1, 4);
        AssertClose([.. pointwise.Select(v => Math.Max(v, 0))], Run(graph, input));
    }

    [Theory, MemberData(nameof(Windows))]
    public void Pooling_does_not_see_what_same_adds(int height, int width, int kernel, int stride, int _)
    {
        var input = Numbers(1, height, width);
        var mean = Of(height, width, (g, x) => g.Add(new AveragePooling2D(kernel, stride, Padding.Same), "pool", x));
        var most = Of(height, width, (g, x) => g.Add(new MaxPooling2D(kernel, stride, Padding.Same), "pool", x));

        AssertClose(NaiveWindows.Pool(input, mean.Input.OutputShape, kernel, stride, Padding.Same, p => p.Average()), Run(mean, input));
        AssertClose(NaiveWindows.Pool(input, most.Input.OutputShape, kernel, stride, Padding.Same, p => p.Max()), Run(most, input));
    }
}
