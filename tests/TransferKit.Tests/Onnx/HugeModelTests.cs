using TransferKit.Architectures;
using TransferKit.Engine;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;

namespace TransferKit.Tests.Onnx;

[Trait("Category", "Slow")]
public class HugeModelTests
{
    [Fact]
    public void Vgg16_with_its_top_on_640x480_holds_a_kernel_larger_than_an_array_and_predicts()
    {
        var vgg16 = Registry.All.Single(a => a.Name == "vgg16");
        var graph = vgg16.Build(
            new BuildOptions { InputSize = (480, 640), Classes = 10, ClassifierActivation = ClassifierActivation.Softmax });
        Assert.Equal(660_686_666, graph.TotalParameters);
        Assert.True(graph.TryFind("fc1", out var fc1));
        Assert.True(fc1.Weights[0].Count * sizeof(float) > int.MaxValue);

        using var weights = new FormulaWeights(0.8);
        using var engine = OnnxEngine.Load(OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar), weights);
        var probabilities = engine.Run(PlanarPixels.From(FormulaWeights.Input(1, 480, 640), 1, 480, 640, vgg16.Preprocess), 1)[0];

        Assert.Equal(10, probabilities.Length);
        Assert.Equal(1, probabilities.Sum(), 1e-5);
    }
}
