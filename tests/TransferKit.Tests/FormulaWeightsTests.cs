using TransferKit.Graph;

namespace TransferKit.Tests;

public class FormulaWeightsTests
{
    [Fact]
    public void The_formula_gives_the_numbers_that_numpy_gives()
    {
        var kernel = new WeightSlot("kernel", [3, 3, 3, 64], Initializer.Zeros);
        var layer = new Layer("block1_conv1", new Flatten(), [new("input", new InputLayer(Shape.Vector(1)), [])]);
        var read = new float[4];
        using var weights = new FormulaWeights(0.8);
        weights.Read(layer, kernel, 0, read);
        Assert.Equal([-0.23307061f, 0.31543633f, -0.43729368f, 0.13438113f], read);
        Assert.Equal([25, 167, 52, 70, 202, 194], FormulaWeights.Input(1, 1, 2));
    }
}
