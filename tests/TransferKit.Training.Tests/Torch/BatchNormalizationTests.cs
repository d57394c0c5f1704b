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

    [Fact]
    public void One_value_a_channel_gives_the_offset_as_Keras_does_and_not_an_error()
    {
        using var scope = NewDisposeScope();
        using var module = Module(new(), 1);
        var output = module.forward(rand(1, 3, 1, 1));
        Assert.True(allclose(output.reshape(-1), module.WeightsOf(module.Graph.Output)[1], 1e-6, 1e-7));
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

    private static TorchGraph Module(BatchNormalization op, int side = 2)
    {
        var builder = new GraphBuilder(side, side);
        using var weights = new FormulaWeights(0.8);
        var module = new TorchGraph(new("one", builder.Add(op, "bn", builder.Input)), weights);
        module.SetModes(_ => true, _ => true);
        return module;
    }
}
