using TorchSharp.Modules;
using TransferKit.Graph;
using TransferKit.Training.Torch;
using TransferKit.WeightSources.Binding;
using static TorchSharp.torch;
using Padding = TransferKit.Graph.Padding;

#pragma warning disable IDE1006 // TorchSharp registers modules by the names of their fields.

namespace TransferKit.Training.Tests.Torch;

public class HandWrittenTests
{
    [Fact]
    public void Ten_steps_of_SGD_equal_a_network_written_by_hand()
    {
        using var scope = NewDisposeScope();
        using var source = new InitialWeights(3);
        using var ours = new TorchGraph(SmallBackbone(), source);
        ours.SetModes(_ => true, _ => true);
        using var theirs = new HandWritten(ours);
        var rule = new Sgd(0.05, momentum: 0.9);
        var weights = ours.TrainableWeights.ToArray();
        var slots = weights.Select(w => new[] { zeros_like(w) }).ToArray();
        var optimizer = optim.SGD(theirs.parameters(), 0.05, momentum: 0.9);

        for (var step = 1; step <= 10; step++)
        {
            var x = Images(step);
            var y = arange(8, ScalarType.Int64) % 4;
            var loss = nn.functional.cross_entropy(ours.forward(x), y);
            loss.backward();
            rule.Apply(weights, [.. weights.Select(w => w.grad!)], slots, 0.05, step);
            foreach (var weight in weights)
                weight.grad = null;

            optimizer.zero_grad();
            var other = nn.functional.cross_entropy(theirs.forward(x), y);
            other.backward();
            optimizer.step();
            Assert.Equal(other.item<float>(), loss.item<float>(), 1e-5);
        }

        foreach (var (name, theirWeight) in theirs.named_parameters())
        {
            var layer = ours.Graph.Layers.Single(l => l.Name == name.Split('.')[0]);
            var ourWeight = ours.WeightsOf(layer)[name.EndsWith("bias", StringComparison.Ordinal) ? 1 : 0];
            Assert.True(allclose(theirWeight, ourWeight, 1e-4, 1e-5), name);
        }
    }

    private static Tensor Images(int seed) =>
        ((arange(0, 8 * 3 * 16 * 16, dtype: ScalarType.Float32) * 0.618034 + seed * 0.37).frac() * 2 - 1).reshape(8, 3, 16, 16);

    private static LayerGraph SmallBackbone()
    {
        var g = new GraphBuilder(16, 16);
        Layer relu, x = g.Add(new Conv2D(8, 3, 2, Padding.Same) { UseBias = false }, "conv", g.Input);
        x = g.Add(new BatchNormalization(), "norm", x);
        x = relu = g.Add(new TransferKit.Graph.ReLU(6), "relu", x);
        x = g.Add(new DepthwiseConv2D(3, 1, Padding.Same) { UseBias = false }, "depthwise", x);
        x = g.Add(new Conv2D(8, 1, 1, Padding.Valid), "project", x);
        x = g.Add(new Add(), "add", x, relu);
        x = g.Add(new GlobalAveragePooling2D(), "pool", x);
        return new("small", g.Add(new Dense(4), "predictions", x));
    }

    private sealed class HandWritten : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d conv = nn.Conv2d(3, 8, 3, stride: 2, bias: false);
        private readonly BatchNorm2d norm = nn.BatchNorm2d(8, eps: 1e-3, momentum: 0.01);
        private readonly Conv2d depthwise = nn.Conv2d(8, 8, 3, padding: 1, groups: 8, bias: false);
        private readonly Conv2d project = nn.Conv2d(8, 8, 1);
        private readonly Linear predictions = nn.Linear(8, 4);

        public HandWritten(TorchGraph same) : base("hand-written")
        {
            RegisterComponents();
            using var noGrad = no_grad();
            foreach (var (name, weight) in named_parameters())
            {
                var layer = same.Graph.Layers.Single(l => l.Name == name.Split('.')[0]);
                weight.copy_(same.WeightsOf(layer)[name.EndsWith("bias", StringComparison.Ordinal) ? 1 : 0]);
            }
        }

        public override Tensor forward(Tensor x)
        {
            // TensorFlow's "same" at stride 2 pads the odd pixel below and to the right.
            var relu = nn.functional.relu6(norm.forward(conv.forward(nn.functional.pad(x, (0, 1, 0, 1)))));
            return predictions.forward((project.forward(depthwise.forward(relu)) + relu).mean([2, 3]));
        }
    }
}
