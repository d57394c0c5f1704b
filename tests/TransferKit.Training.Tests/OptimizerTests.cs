using static TorchSharp.torch;

namespace TransferKit.Training.Tests;

public class OptimizerTests
{
    [Fact]
    public void Adam_takes_Keras_steps()
    {
        var (weight, mean, square) = (1.0, 0.0, 0.0);
        var found = Run(new Adam(0.1), 5);
        for (var step = 1; step <= 5; step++)
        {
            var gradient = 0.3 * step;
            (mean, square) = (0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient * gradient);
            weight -= 0.1 * Math.Sqrt(1 - Math.Pow(0.999, step)) / (1 - Math.Pow(0.9, step)) * mean / (Math.Sqrt(square) + 1e-7);
            Assert.Equal(weight, found[step - 1], 1e-5);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Momentum_takes_Keras_steps(bool nesterov)
    {
        var (weight, velocity) = (1.0, 0.0);
        var found = Run(new Sgd(0.1, momentum: 0.9, nesterov), 4);
        for (var step = 1; step <= 4; step++)
        {
            velocity = 0.9 * velocity - 0.1 * 0.3 * step;
            weight += nesterov ? 0.9 * velocity - 0.1 * 0.3 * step : velocity;
            Assert.Equal(weight, found[step - 1], 1e-5);
        }
    }

    [Fact]
    public void Weight_decay_takes_off_a_share_of_the_weight_and_clipping_bounds_the_gradient()
    {
        Assert.Equal(1 - 0.1 * 0.5 - 0.1 * 0.3, Run(new Sgd(0.1) { WeightDecay = 0.5 }, 1)[0], 1e-6);
        Assert.Equal(1 - 0.1 * 0.2, Run(new Sgd(0.1) { GlobalClipNorm = 0.2 }, 1)[0], 1e-6);
        Assert.Equal(1 - 0.1 * 0.2, Run(new Sgd(0.1) { ClipNorm = 0.2 }, 1)[0], 1e-6);
        Assert.Equal(1 - 0.1 * 0.2, Run(new Sgd(0.1) { ClipValue = 0.2 }, 1)[0], 1e-6);
    }

    [Fact]
    public void A_schedule_warms_up_and_falls_along_a_cosine()
    {
        var schedule = new CosineDecay(0.1, alpha: 0.1) { WarmUpSteps = 10 };
        Assert.Equal(0.01, schedule.At(0, 110), 1e-9);
        Assert.Equal(0.1, schedule.At(10, 110), 1e-9);
        Assert.Equal(0.055, schedule.At(60, 110), 1e-9);
        Assert.Equal(0.01, schedule.At(110, 110), 1e-9);
    }

    private static double[] Run(Optimizer rule, int steps)
    {
        using var scope = NewDisposeScope();
        var weight = ones(1);
        Tensor[][] slots = [[.. Enumerable.Range(0, rule.SlotCount).Select(_ => zeros(1))]];
        return [.. Enumerable.Range(1, steps).Select(step =>
        {
            rule.Apply([weight], [full(1, 0.3f * step)], slots, rule.LearningRate.At(step, steps), step);
            return (double)weight.item<float>();
        })];
    }
}
