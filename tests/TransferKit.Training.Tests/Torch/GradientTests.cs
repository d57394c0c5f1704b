using TransferKit.Architectures;
using TransferKit.Graph;
using TransferKit.Tests;
using TransferKit.Training.Torch;
using static TorchSharp.torch;
using Padding = TransferKit.Graph.Padding;

namespace TransferKit.Training.Tests.Torch;

/// <summary>Compares each layer type's gradients with differences of its outputs, in double precision.</summary>
public class GradientTests
{
    private static readonly Dictionary<string, Func<GraphBuilder, Layer>> Cases = new()
    {
        ["Conv2D"] = g => g.Add(new Conv2D(3, 3, 2, Padding.Same) { Activation = ActivationKind.Swish }, "l", g.Input),
        ["Conv2D, dilated, grouped"] = g => g.Add(new Conv2D(3, 2, 1, Padding.Valid) { Groups = 3, Dilation = 2 }, "l", g.Input),
        ["DepthwiseConv2D"] = g => g.Add(new DepthwiseConv2D(3, 1, Padding.Same) { DepthMultiplier = 2 }, "l", g.Input),
        ["SeparableConv2D"] = g => g.Add(new SeparableConv2D(4, 3, 1, Padding.Same), "l", g.Input),
        ["Dense on maps"] = g => g.Add(new Dense(4) { Activation = ActivationKind.Gelu }, "l", g.Input),
        ["Dense"] = g => g.Add(new Dense(4) { Activation = ActivationKind.Sigmoid }, "l", g.Add(new Flatten(), "f", g.Input)),
        ["BatchNormalization"] = g => g.Add(new BatchNormalization(), "l", g.Input),
        ["BatchNormalization without scale, on vectors"] = g => g.Add(
            new BatchNormalization { Scale = false }, "l", g.Add(new GlobalAveragePooling2D(), "p", g.Input)),
        ["LayerNormalization"] = g => g.Add(new LayerNormalization(), "l", g.Input),
        ["Normalization"] = g => g.Add(new Normalization(), "l", g.Input),
        ["Normalization, fixed"] = g => g.Add(new Normalization([0.1, 0.2, 0.3], [1, 2, 3]), "l", g.Input),
        ["LayerScale"] = g => g.Add(new LayerScale(0.5), "l", g.Input),
        ["ReLU"] = g => g.Add(new ReLU(), "l", g.Input),
        ["ReLU up to a half"] = g => g.Add(new ReLU(0.5), "l", g.Input),
        ["Softmax"] = g => g.Add(new Activation(ActivationKind.Softmax), "l", g.Add(new Flatten(), "f", g.Input)),
        ["HardSwish"] = g => g.Add(new Activation(ActivationKind.HardSwish), "l", g.Input),
        ["Dropout"] = g => g.Add(new Dropout(0.4), "l", g.Input),
        ["Dropout of samples"] = g => g.Add(new Dropout(0.4) { PerSample = true }, "l", g.Input),
        ["Rescaling"] = g => g.Add(new Rescaling([0.1, 0.2, 0.3], [1, 0, -0.5]), "l", g.Input),
        ["AddConstant"] = g => g.Add(new AddConstant(3), "l", g.Input),
        ["MultiplyConstant"] = g => g.Add(new MultiplyConstant(1 / 6.0), "l", g.Input),
        ["MaxPooling2D"] = g => g.Add(new MaxPooling2D(3, 2, Padding.Same), "l", g.Input),
        ["AveragePooling2D"] = g => g.Add(new AveragePooling2D(3, 2, Padding.Same), "l", g.Input),
        ["AveragePooling2D, valid"] = g => g.Add(new AveragePooling2D(2, 2, Padding.Valid), "l", g.Input),
        ["GlobalAveragePooling2D"] = g => g.Add(new GlobalAveragePooling2D { KeepDims = true }, "l", g.Input),
        ["GlobalMaxPooling2D"] = g => g.Add(new GlobalMaxPooling2D(), "l", g.Input),
        ["ZeroPadding2D"] = g => g.Add(new ZeroPadding2D(new(0, 1, 2, 1)), "l", g.Input),
        ["Cropping2D"] = g => g.Add(new Cropping2D(new(1, 0, 1, 2)), "l", g.Input),
        ["Flatten and Reshape"] = g => g.Add(new Reshape(Shape.Map(3, 5, 4)), "l", g.Add(new Flatten(), "f", g.Input)),
        ["Add"] = g => g.Add(new Add(), "l", g.Input, g.Add(new MultiplyConstant(2), "a", g.Input)),
        ["Multiply, spread"] = g => g.Add(
            new Multiply(), "l", g.Input, g.Add(new GlobalAveragePooling2D { KeepDims = true }, "p", g.Input)),
        ["CustomScaleLayer"] = g => g.Add(new CustomScaleLayer(0.17), "l", g.Input, g.Add(new MultiplyConstant(2), "a", g.Input)),
        ["Concatenate"] = g => g.Add(new Concatenate(), "l", g.Input, g.Add(new Conv2D(2, 1, 1, Padding.Valid), "c", g.Input)),
        ["Sequential"] = g => g.Add(new Sequential([new Conv2D(4, 2, 2, Padding.Valid), new LayerNormalization()]), "l", g.Input),
        ["Conv2DTranspose"] = g => g.Add(new Conv2DTranspose(2, 3, 2, Padding.Same), "l", g.Input),
        ["Conv2DTranspose, valid"] = g => g.Add(new Conv2DTranspose(2, 2, 3, Padding.Valid) { UseBias = false }, "l", g.Input),
        ["LayerNormalization without scale"] = g => g.Add(new LayerNormalization { Scale = false }, "l", g.Input),
        ["GroupNormalization"] = g => g.Add(new GroupNormalization(3), "l", g.Input),
        ["UnitNormalization"] = g => g.Add(new UnitNormalization(), "l", g.Input),
        ["PReLU"] = g => g.Add(new PReLU(), "l", g.Input),
        ["PReLU, shared"] = g => g.Add(new PReLU { SharedAxes = [1, 2] }, "l", g.Input),
        ["ReLU with a slope"] = g => g.Add(new ReLU(0.5) { NegativeSlope = 0.1 }, "l", g.Input),
        ["LeakyReLU"] = g => g.Add(new LeakyReLU(), "l", g.Input),
        ["ELU"] = g => g.Add(new ELU(0.7), "l", g.Input),
        ["Softmax layer"] = g => g.Add(new Softmax(), "l", g.Input),
        ["Arithmetic"] = g => g.Add(new Arithmetic(ArithmeticKind.Divide, [4, 5, 6]), "l", g.Input),
        ["TakeChannels"] = g => g.Add(new TakeChannels([2, 0]), "l", g.Input),
        ["Permute"] = g => g.Add(new Permute([3, 1, 2]), "l", g.Input),
        ["UpSampling2D"] = g => g.Add(new UpSampling2D(2), "l", g.Input),
        ["Resizing"] = g => g.Add(new Resizing(7, 3), "l", g.Input),
        ["CenterCrop"] = g => g.Add(new CenterCrop(2, 3), "l", g.Input),
        ["Subtract"] = g => g.Add(new Subtract(), "l", g.Input, g.Add(new MultiplyConstant(2), "a", g.Input)),
        ["Average"] = g => g.Add(new Average(), "l", g.Input, g.Add(new MultiplyConstant(2), "a", g.Input)),
        ["Maximum"] = g => g.Add(new Maximum(), "l", g.Input, g.Add(new MultiplyConstant(2), "a", g.Input)),
        ["An activation in place behind BatchNormalization"] = g => g.Add(
            new ReLU(6), "l", g.Add(new BatchNormalization(), "b", g.Add(new Conv2D(3, 1, 1, Padding.Valid), "c", g.Input))),
    };

    public static TheoryData<string> All => new(Cases.Keys);

    [Fact]
    public void Every_layer_type_of_every_backbone_is_among_them()
    {
        var tested = Cases.Values.SelectMany(c => new LayerGraph("one", c(new GraphBuilder(5, 4))).Layers).Select(l => l.Op.GetType());
        var used = Registry.All.SelectMany(a => a.Build(new() { InputSize = a.DefaultSize }).Layers).Select(l => l.Op.GetType());
        Assert.Empty(used.Except(tested).Select(t => t.Name));
    }

    [Theory, MemberData(nameof(All))]
    public void Gradients_equal_finite_differences(string name)
    {
        const double h = 1e-6;
        var builder = new GraphBuilder(5, 4);
        var graph = new LayerGraph("one", Cases[name](builder));
        using var scope = NewDisposeScope();
        using var weights = new FormulaWeights(0.8);
        using var module = new TorchGraph(graph, weights, type: ScalarType.Float64);
        module.SetModes(learns: _ => true, runsAsInTraining: _ => true);
        // The values are far enough from each other and from every kink, so that no difference crosses one.
        var input = ((arange(0, 3 * 5 * 4 * 3, dtype: ScalarType.Float64) * 0.6180339887498949).frac() * 2 - 0.9931).reshape(3, 3, 5, 4)
            .requires_grad_();
        var direction = ((arange(0, 10_000, dtype: ScalarType.Float64) * 0.7548776662466927).frac() * 2) - 1;

        Value().backward();
        foreach (var tensor in module.TrainableWeights.Append(input))
        {
            var gradient = tensor.grad!.reshape(-1).data<double>().ToArray();
            for (var i = 0; i < gradient.Length; i += 1 + gradient.Length / 20)
                Assert.InRange(Math.Abs(gradient[i] - (Shifted(tensor, i, h) - Shifted(tensor, i, -h)) / (2 * h)), 0, 1e-6);
        }

        Tensor Value()
        {
            module.Random.manual_seed(7);
            var output = module.forward(input).reshape(-1);
            return (output * direction.slice(0, 0, output.numel(), 1)).sum();
        }

        double Shifted(Tensor tensor, int at, double by)
        {
            using var noGrad = no_grad();
            using var inner = NewDisposeScope();
            var kept = tensor.detach().clone();
            tensor.view(-1).slice(0, at, at + 1, 1).add_(by);
            var value = Value().item<double>();
            tensor.copy_(kept);
            return value;
        }
    }
}
