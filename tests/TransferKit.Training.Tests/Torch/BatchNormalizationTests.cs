using TransferKit.Graph;
using TransferKit.Tests;
using TransferKit.Training.Torch;
using static TorchSharp.torch;

namespace TransferKit.Training.Tests.Torch;

public class BatchNormalizationTests
{
    [Fact]
    public void The_moving_variance_follows_the_batch_variance_as_it_is_like_Keras()
    {
        using var scope = NewDisposeScope();
        using var module = Module(new() { Momentum = 0.9 });
        var weights = module.WeightsOf(module.Graph.Output).Select(w => w.detach().clone()).ToArray();
        var x = rand(4, 3, 2, 2);

        module.forward(x);

        var mean = x.mean([0, 2, 3]);
        var variance = (x - mean.view(1, -1, 1, 1)).square().mean([0, 2, 3]);
        var moved = module.WeightsOf(module.Graph.Output);
        Assert.True(allclose(moved[2], weights[2] * 0.9 + mean * 0.1, 1e-6, 1e-7));
        Assert.True(allclose(moved[3], weights[3] * 0.9 + variance * 0.1, 1e-6, 1e-7));
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0)]
    [InlineData(true, 30)]
    [InlineData(false, 30)]
    public void Statistics_and_gradients_are_those_of_float64_in_every_memory_layout(bool isChannelsLast, double mean)
    {
        const int side = 56;
        using var scope = NewDisposeScope();
        using var module = Module(new() { Momentum = 0.5 }, side);
        using var judge = Module(new() { Momentum = 0.5 }, side, ScalarType.Float64);
        var nhwc = Numbers(32, side, side, 3) + mean;
        var found = nhwc.permute(0, 3, 1, 2);
        if (!isChannelsLast)
            found = found.contiguous();
        var exact = nhwc.to(ScalarType.Float64).permute(0, 3, 1, 2).contiguous();
        (found, exact) = (found.detach().requires_grad_(), exact.detach().requires_grad_());

        var direction = Numbers(32, 3, side, side);
        (module.forward(found) * direction).sum().backward();
        (judge.forward(exact) * direction.to(ScalarType.Float64)).sum().backward();

        foreach (var (a, b) in module.WeightsOf(module.Graph.Output).Skip(2).Zip(judge.WeightsOf(judge.Graph.Output).Skip(2)))
            AssertClose(a, b, 1e-6);
        foreach (var (a, b) in module.TrainableWeights.Append(found).Zip(judge.TrainableWeights.Append(exact)))
            AssertClose(a.grad!, b.grad!, 1e-5);

        static Tensor Numbers(params long[] shape) =>
            ((arange(0, shape.Aggregate(1L, (a, b) => a * b), dtype: ScalarType.Float64) * 0.6180339887498949).frac() * 2 - 0.9931)
            .to(ScalarType.Float32).reshape(shape);

        static void AssertClose(Tensor a, Tensor b, double most) =>
            Assert.InRange(((a.to(ScalarType.Float64) - b).abs().max() / b.abs().max()).item<double>(), 0, most);
    }

    [Fact]
    public void One_value_a_channel_gives_the_offset_as_Keras_does_and_not_an_error()
    {
        using var scope = NewDisposeScope();
        using var module = Module(new(), 1);
        var input = rand(1, 3, 1, 1).requires_grad_();
        var output = module.forward(input);
        Assert.True(allclose(output.reshape(-1), module.WeightsOf(module.Graph.Output)[1], 1e-6, 1e-7));
        output.sum().backward();
        // Whatever the input is, it is the mean of the batch, so it changes nothing.
        Assert.Equal(0, input.grad!.abs().max().item<float>());
    }

    [Fact]
    public void A_frozen_layer_runs_as_in_inference_and_moves_nothing()
    {
        using var scope = NewDisposeScope();
        using var module = Module(new());
        module.SetModes(_ => false, _ => false);
        var before = module.Snapshot();
        var first = module.forward(ones(2, 3, 2, 2));
        var second = module.forward(ones(2, 3, 2, 2));
        Assert.True(allclose(first, second));
        Assert.Equal(before.Fingerprint, module.Snapshot().Fingerprint);
    }

    private static TorchGraph Module(BatchNormalization op, int side = 2, ScalarType type = ScalarType.Float32)
    {
        var builder = new GraphBuilder(side, side);
        using var weights = new FormulaWeights(0.8);
        var module = new TorchGraph(new("one", builder.Add(op, "bn", builder.Input)), weights, type: type);
        module.SetModes(_ => true, _ => true);
        return module;
    }
}
