using Onnx;
using TransferKit.Engine;
using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Operators;
using TransferKit.Quantization;
using TransferKit.Tests.Operators;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Onnx;

/// <summary>Tests which convolutions of an int8 model run by operators of our own.</summary>
public class ByteConvolutionRewriteTests
{
    private const int Size = 12;

    [Fact]
    public void The_first_convolution_and_those_of_single_channels_are_taken()
    {
        var nodes = Nodes(Of(Size, Size, (b, x) => Depthwise(b, Wide(b, x, 32))));

        Assert.Single(nodes, n => n.OpType == ByteConvolutionOperator.OfImage);
        Assert.Single(nodes, n => n.OpType == ByteConvolutionOperator.Depthwise);
        Assert.DoesNotContain(nodes, n => n.OpType == "QLinearConv");
    }

    [Fact]
    public void Others_stay_as_they_are()
    {
        Check(1, 2, (b, x) => b.Add(new Conv2D(48, 3, 1, Padding.Same), "conv", Wide(b, x, 32)));
        Check(0, 2, (b, x) => Depthwise(b, Wide(b, x, 12)));
        Check(1, 2, (b, x) => Depthwise(b, Wide(b, x, 24)));
        Check(1, 2, (b, x) => b.Add(new DepthwiseConv2D(9, 1, Padding.Same), "depthwise", Wide(b, x, 32)));
        Check(1, 2, (b, x) => b.Add(new DepthwiseConv2D(3, 1, Padding.Same) { Dilation = 2 }, "depthwise", Wide(b, x, 32)));
        Check(1, 2, (b, x) => b.Add(new DepthwiseConv2D(3, 1, Padding.Same) { DepthMultiplier = 2 }, "depthwise", Wide(b, x, 32)));
        Check(0, 1, (b, x) => b.Add(new Conv2D(32, 3, 1, Padding.Same) { Dilation = 2 }, "conv", x));
    }

    [Fact]
    public void An_image_that_two_layers_read_stays_transposed() => Check(0, 3, (b, x) =>
        b.Add(new Conv2D(48, 1, 1, Padding.Same), "joined", b.Add(new Concatenate(), "both", Wide(b, x, 32), Wide(b, x, 16, "other"))));

    private static void Check(int ours, int all, Func<GraphBuilder, Layer, Layer> write)
    {
        var nodes = Nodes(Of(Size, Size, write));

        Assert.Equal(ours, nodes.Count(n => n.Domain == CustomOperators.Domain));
        Assert.Equal(all - ours, nodes.Count(n => n.OpType == "QLinearConv"));
    }

    private static NodeProto[] Nodes(LayerGraph graph)
    {
        Assert.SkipUnless(ByteConvolution.IsSupported, "This processor has no dot products of bytes in vectors of 256 bits.");
        var cancellation = TestContext.Current.CancellationToken;
        using var weights = new FormulaWeights(0.8);
        var pixels = Array.ConvertAll(FormulaWeights.Input(2, Size, Size), p => (byte)p);
        ReadOnlyMemory<byte>[] images = [.. pixels.Chunk(Size * Size * 3)];
        var batch = new ImageBatch(images, new ImageLoadOptions().FittingTo(new(Size, Size)), PreprocessMode.Tf);
        var model = OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar);
        var recipe = Calibrator.Observe(model, weights, batch, CalibrationMethod.MinMax, "key", _ => { }, cancellation);
        var int8 = recipe.Apply(model) with { HasBytes = true };
        using var folder = new CompiledModelCache(null).Open(ModelRequest.Of(int8, ""), weights, optimise: true, cancellation);
        OperatorShapes.Check(folder.ModelPath);
        return [.. ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder.ModelPath)).Graph.Node];
    }

    private static Layer Wide(GraphBuilder builder, Layer input, int channels, string name = "wide") =>
        builder.Add(new Conv2D(channels, 3, 2, Padding.Same), name, input);

    private static Layer Depthwise(GraphBuilder builder, Layer input) =>
        builder.Add(new DepthwiseConv2D(3, 1, Padding.Same), "depthwise", input);
}
