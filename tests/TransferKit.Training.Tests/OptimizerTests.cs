using TransferKit.Architectures;
using TransferKit.Training.Torch;
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

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.9, false)]
    [InlineData(0, true)]
    [InlineData(0.5, true)]
    public void RMSprop_takes_Keras_steps(double momentum, bool centered)
    {
        var (weight, square, mean, velocity) = (1.0, 0.0, 0.0, 0.0);
        var found = Run(new RmsProp(0.01, rho: 0.8, momentum, epsilon: 1e-3, centered), 6);
        for (var step = 1; step <= 6; step++)
        {
            var gradient = 0.3 * step;
            (square, mean) = (0.8 * square + 0.2 * gradient * gradient, 0.8 * mean + 0.2 * gradient);
            var change = 0.01 * gradient / Math.Sqrt(square - (centered ? mean * mean : 0) + 1e-3);
            velocity = momentum * velocity + change;
            weight -= momentum > 0 ? velocity : change;
            Assert.Equal(weight, found[step - 1], 1e-5);
        }
    }

    // The example in the docstring of Keras' RMSprop: one step of 0.1 on x * x / 2 from 10.
    [Fact]
    public void RMSprop_steps_as_Keras_documentation_says()
    {
        using var scope = NewDisposeScope();
        var weight = full(1, 10f);
        new RmsProp(0.1).Apply([weight], [full(1, 10f)], [[zeros(1)]], 0.1, 1);
        Assert.Equal(9.683772, weight.item<float>(), 1e-5);
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
        // Keras: warmup_target * step / warmup_steps, so that the first step is one of 0.
        Assert.Equal(0, schedule.At(0, 110));
        Assert.Equal(0.01, schedule.At(1, 110), 1e-9);
        Assert.Equal(0.09, schedule.At(9, 110), 1e-9);
        Assert.Equal(0.1, schedule.At(10, 110), 1e-9);
        Assert.Equal(0.055, schedule.At(60, 110), 1e-9);
        Assert.Equal(0.01, schedule.At(110, 110), 1e-9);
    }

    [Fact]
    public void L2_of_the_head_adds_the_squares_of_its_kernels_to_the_losses_and_pulls_them_to_zero()
    {
        const double l2 = 0.05, rate = 0.1;
        using var photos = new SamplePhotos();
        using var plain = SamplePhotos.Model(photos.Open().Classes, "dense:8");
        using var pulled = SamplePhotos.Model(photos.Open().Classes, "dense:8");
        using var before = pulled.Graph.Snapshot();
        FitOptions once = new() { Epochs = 1, BatchSize = 36, Optimizer = new Sgd(rate) };

        var without = plain.Fit(photos.Open(), photos.Open(), once);
        var with = pulled.Fit(photos.Open(), photos.Open(), once with { HeadL2 = l2 });

        Assert.Equal(without.Epochs[0].Logs["loss"] + l2 * Squares(before), with.Epochs[0].Logs["loss"], 1e-4);
        var expected = Kernels(plain.Graph.Snapshot()).Zip(Kernels(before), (stepped, start) => stepped - rate * 2 * l2 * start).ToArray();
        var found = Kernels(pulled.Graph.Snapshot()).ToArray();
        Assert.Equal(expected, found, (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(pulled.Evaluate(photos.Open()).Loss + l2 * found.Sum(k => k * k), with.Epochs[0].Logs["val_loss"], 1e-4);

        double Squares(WeightSnapshot weights) => Kernels(weights).Sum(k => k * k);

        IEnumerable<double> Kernels(WeightSnapshot weights)
        {
            foreach (var layer in pulled.Graph.Graph.Layers.Where(l => l.Name is "dense" or "predictions"))
            {
                var values = new float[layer.Weights[0].Count];
                weights.Read(layer, layer.Weights[0], 0, values);
                foreach (var value in values)
                    yield return value;
            }
        }
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
