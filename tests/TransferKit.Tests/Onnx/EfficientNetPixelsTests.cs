using TransferKit.Engine;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Tests.Architectures;
using TransferKit.Tests.WeightSources;

namespace TransferKit.Tests.Onnx;

public class EfficientNetPixelsTests
{
    private const int Side = 32;

    // In Keras' efficientnet.py, Normalization divides by the root of its variance. The ImageNet weights also need a division
    // by the root of the standard deviation.
    [Theory]
    [InlineData(false, "normalization"), InlineData(true, "rescaling_1")]
    public void Pixels_are_prepared_by_the_weights_mean_and_variance_and_once_more_with_ImageNet_weights(bool imageNetWeights, string end)
    {
        var graph = AllArchitectures.Build("efficientnet_b0", o => o with { InputSize = (Side, Side), ImageNetWeights = imageNetWeights });
        Assert.True(graph.TryFind(end, out var prepared));
        Assert.True(graph.TryFind("normalization", out var normalization));
        using var weights = new FormulaWeights(0.8);
        var mean = weights.Read(normalization, normalization.Weights[0]);
        var variance = weights.Read(normalization, normalization.Weights[1]);
        double[] divisor = imageNetWeights ? [Math.Sqrt(0.229), Math.Sqrt(0.224), Math.Sqrt(0.225)] : [1, 1, 1];
        var pixels = FormulaWeights.Input(1, Side, Side);

        using var engine = OnnxEngine.Load(OnnxWriter.Translate(graph, [prepared], InputForm.Planar), weights);
        var found = engine.Run(PlanarPixels.From(pixels, 1, Side, Side, PreprocessMode.None), 1)[0];

        Assert.Equal(
            pixels.Select((x, i) => (float)((x / 255.0 - mean[i % 3]) / Math.Sqrt(variance[i % 3]) / divisor[i % 3])),
            found,
            (expected, actual) => Math.Abs(expected - actual) <= 1e-5f * Math.Max(1, Math.Abs(expected)));
    }
}
