using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Onnx;

public class OnnxWriterTests
{
    [Fact]
    public void Several_layers_come_out_of_one_run_in_the_order_in_which_they_were_asked_for()
    {
        var graph = Net();
        Layer[] wanted = [Find(graph, "predictions"), Find(graph, "conv"), Find(graph, "drop"), Find(graph, "pool"), graph.Input];
        var input = Numbers(2, 7, 6);

        var model = OnnxWriter.Translate(graph, wanted, InputForm.Planar);
        var outputs = Run(model, input);

        Assert.Equal(wanted.Select(l => l.Name), model.Outputs.Select(o => o.Name));
        for (var i = 0; i < wanted.Length; i++)
            AssertClose(Run(OnnxWriter.Translate(graph, [wanted[i]], InputForm.Planar), input)[0], outputs[i]);
        Assert.Equal(outputs[3], outputs[2]);
        Assert.Equal(input, outputs[4]);
    }

    [Fact]
    public void Layers_that_no_output_needs_are_not_written()
    {
        var graph = Net();
        Assert.Equal(["conv", "conv/activation", "conv/transpose"],
            OnnxWriter.Translate(graph, [Find(graph, "conv")], InputForm.Planar).Proto.Graph.Node.Select(n => n.Name));
    }

    [Fact]
    public void Values_bear_the_names_of_Keras_layers()
    {
        var graph = Net();
        var values = OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar).Proto.Graph.Node.SelectMany(n => n.Output).ToArray();
        Assert.Contains("conv", values);
        Assert.Contains("bn", values);
        Assert.Contains("pool", values);
        Assert.Contains("predictions", values);
    }

    [Fact]
    public void Flatten_is_in_height_width_channel_order()
    {
        var graph = Of(3, 4, (g, x) => g.Add(new Flatten(), "flatten", x));
        var input = Numbers(2, 3, 4);
        Assert.Equal(input, Run(graph, input));
    }

    [Fact]
    public void Reshaping_a_map_keeps_Keras_order()
    {
        var graph = Of(3, 4, (g, x) => g.Add(new Reshape(Shape.Map(2, 3, 6)), "reshape", x));
        var input = Numbers(2, 3, 4);
        Assert.Equal(input, Run(graph, input));
    }

    [Fact]
    public void Layer_normalisation_runs_over_the_channels_of_each_place()
    {
        var graph = Of(3, 4, (g, x) => g.Add(new LayerNormalization { Epsilon = 1e-6 }, "norm", x));
        var (input, gamma, beta) = (Numbers(1, 3, 4), Weight(graph.Output, "gamma"), Weight(graph.Output, "beta"));

        var expected = new float[input.Length];
        for (var place = 0; place < input.Length; place += 3)
        {
            var mean = input.Skip(place).Take(3).Average(v => (double)v);
            var deviation = Math.Sqrt(input.Skip(place).Take(3).Average(v => (v - mean) * (v - mean)) + 1e-6);
            for (var c = 0; c < 3; c++)
                expected[place + c] = (float)((input[place + c] - mean) / deviation * gamma[c] + beta[c]);
        }
        AssertClose(expected, Run(graph, input));
    }

    public static TheoryData<string> Activations => new(Enum.GetNames<ActivationKind>());

    [Theory, MemberData(nameof(Activations))]
    public void Activations_are_Keras_functions(string name)
    {
        var kind = Enum.Parse<ActivationKind>(name);
        var graph = Of(5, 4, (g, x) => g.Add(new Activation(kind), "activation", x));
        var input = Numbers(1, 5, 4).Select(v => v * 3).ToArray();
        AssertClose([.. input.Select((x, i) => (float)Expected(kind, x, input.AsSpan(i / 3 * 3, 3)))], Run(graph, input));
    }

    [Fact]
    public void An_operation_that_has_no_nodes_says_which_layer_it_is()
    {
        var graph = Of(4, 4, (g, x) => g.Add(new Unknown(), "strange", x));
        Assert.Contains(
            "strange", Assert.Throws<NotSupportedException>(() => OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar)).Message);
    }

    private sealed record Unknown : LayerOp
    {
        public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0];
    }

    private static double Expected(ActivationKind kind, double x, ReadOnlySpan<float> place)
    {
        var sum = Math.Exp(place[0]) + Math.Exp(place[1]) + Math.Exp(place[2]);
        return kind switch
        {
            ActivationKind.Softmax => Math.Exp(x) / sum,
            ActivationKind.LogSoftmax => x - Math.Log(sum),
            ActivationKind.Relu => Math.Max(x, 0),
            ActivationKind.Relu6 => Math.Clamp(x, 0, 6),
            ActivationKind.LeakyRelu => x >= 0 ? x : 0.2 * x,
            ActivationKind.Elu or ActivationKind.Celu => x > 0 ? x : Math.Exp(x) - 1,
            ActivationKind.Selu => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.Exp(x) - 1)),
            ActivationKind.Softplus => Math.Log(1 + Math.Exp(x)),
            ActivationKind.Softsign => x / (1 + Math.Abs(x)),
            ActivationKind.Squareplus => (x + Math.Sqrt(x * x + 4)) / 2,
            ActivationKind.Tanh => Math.Tanh(x),
            ActivationKind.HardTanh => Math.Clamp(x, -1, 1),
            ActivationKind.TanhShrink => x - Math.Tanh(x),
            ActivationKind.SoftShrink => Math.Sign(x) * Math.Max(Math.Abs(x) - 0.5, 0),
            ActivationKind.HardShrink => Math.Abs(x) > 0.5 ? x : 0,
            ActivationKind.Exponential => Math.Exp(x),
            ActivationKind.Mish => x * Math.Tanh(Math.Log(1 + Math.Exp(x))),
            ActivationKind.LogSigmoid => -Math.Log(1 + Math.Exp(-x)),
            ActivationKind.SparseSigmoid => Math.Clamp((x + 1) / 2, 0, 1),
            ActivationKind.SparsePlus => x <= -1 ? 0 : x < 1 ? (x + 1) * (x + 1) / 4 : x,
            ActivationKind.GeluTanh => x / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
            ActivationKind.Sigmoid => 1 / (1 + Math.Exp(-x)),
            ActivationKind.Swish => x / (1 + Math.Exp(-x)),
            ActivationKind.HardSigmoid => Math.Clamp(x + 3, 0, 6) / 6,
            ActivationKind.HardSwish => x * Math.Clamp(x + 3, 0, 6) / 6,
            ActivationKind.Gelu => x * (1 + Erf(x / Math.Sqrt(2))) / 2,
            ActivationKind.Linear => x,
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Which function is it?"),
        };
    }

    // The series converges everywhere, and a hundred terms are exact for small arguments.
    private static double Erf(double x)
    {
        var (sum, term) = (x, x);
        for (var n = 1; n < 150; n++)
        {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private static LayerGraph Net() => Of(7, 6, (g, x) =>
    {
        x = g.Add(new Conv2D(4, 3, 1, Padding.Same) { Activation = ActivationKind.Relu }, "conv", x);
        x = g.Add(new BatchNormalization(), "bn", g.Add(new DepthwiseConv2D(3, 2, Padding.Same), "depthwise", x));
        x = g.Add(new Dropout(0.5), "drop", g.Add(new GlobalAveragePooling2D(), "pool", x));
        return g.Add(new Dense(5) { Activation = ActivationKind.Softmax }, "predictions", x);
    });

    private static Layer Find(LayerGraph graph, string name) =>
        graph.TryFind(name, out var layer) ? layer : throw new KeyNotFoundException(name);
}
