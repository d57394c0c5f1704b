using TransferKit.Graph;

namespace TransferKit.Analysis.Explaining;

/// <summary>Runs a layer of a head.</summary>
/// <param name="input">The layer's input, channels last.</param>
/// <returns>The output, and the function that turns the gradient by the output into the gradient by the input.</returns>
internal delegate (double[] Output, Func<double[], double[]> Back) HeadStep(double[] input);

/// <summary>
/// Provides the layers that heads consist of, with their gradients, in double precision. A head is small: it needs no library of tensors.
/// </summary>
internal static class HeadSteps
{
    /// <summary>Returns the steps of a layer; null if its gradient is not known here.</summary>
    /// <param name="op">The operator, without the activation of scores.</param>
    /// <param name="shape">The shape of the input.</param>
    /// <param name="weights">The weights in Keras' order.</param>
    public static IReadOnlyList<HeadStep>? Of(LayerOp op, Shape shape, float[][] weights) => op switch
    {
        Dense dense => With(dense.Activation, Affine(weights[0], dense.UseBias ? weights[1] : null, dense.Units)),
        Conv2D { Kernel: { Height: 1, Width: 1 }, Strides: { Height: 1, Width: 1 }, Groups: 1 } convolution =>
            With(convolution.Activation, Affine(weights[0], convolution.UseBias ? weights[1] : null, convolution.Filters)),
        BatchNormalization o => [Scale(o, weights)],
        LayerNormalization o => [Normalize(o, shape.Channels, weights)],
        GlobalAveragePooling2D => [Mean(shape)],
        MaxPooling2D { Padding: Padding.Valid } o => [Maximum(o, shape)],
        Activation o => With(o.Kind),
        ReLU { IsPlain: true, MaxValue: null } => With(ActivationKind.Relu),
        ReLU { IsPlain: true, MaxValue: 6 } => With(ActivationKind.Relu6),
        Dropout or Flatten or Reshape or PassThrough => [],
        _ => null,
    };

    private static IReadOnlyList<HeadStep>? With(ActivationKind? kind, params IReadOnlyList<HeadStep> before) => kind switch
    {
        null or ActivationKind.Linear => before,
        ActivationKind.Relu => [.. before, Each(x => Math.Max(x, 0), x => x > 0 ? 1 : 0)],
        ActivationKind.Relu6 => [.. before, Each(x => Math.Clamp(x, 0, 6), x => x is > 0 and < 6 ? 1 : 0)],
        ActivationKind.Sigmoid => [.. before, Each(Sigmoid, x => Sigmoid(x) * (1 - Sigmoid(x)))],
        ActivationKind.Swish => [.. before, Each(x => x * Sigmoid(x), x => Sigmoid(x) * (1 + x * (1 - Sigmoid(x))))],
        ActivationKind.HardSwish =>
            [.. before, Each(x => x * Math.Clamp(x + 3, 0, 6) / 6, x => x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6)],
        ActivationKind.Tanh => [.. before, Each(Math.Tanh, x => 1 - Math.Tanh(x) * Math.Tanh(x))],
        ActivationKind.Elu => [.. before, Each(x => x > 0 ? x : Math.Exp(x) - 1, x => x > 0 ? 1 : Math.Exp(x))],
        _ => null,
    };

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static HeadStep Each(Func<double, double> function, Func<double, double> derivative) => input =>
        (Array.ConvertAll(input, x => function(x)), gradient => [.. gradient.Zip(input, (g, x) => g * derivative(x))]);

    // The kernel has a row for each channel of the input.
    private static HeadStep Affine(float[] kernel, float[]? bias, int units) => input =>
    {
        var channels = kernel.Length / units;
        var output = new double[input.Length / channels * units];
        for (var place = 0; place < input.Length / channels; place++)
        {
            var to = output.AsSpan(place * units, units);
            for (var j = 0; bias is not null && j < units; j++)
                to[j] = bias[j];
            for (var i = 0; i < channels; i++)
            {
                var x = input[place * channels + i];
                var row = kernel.AsSpan(i * units, units);
                for (var j = 0; j < to.Length; j++)
                    to[j] += x * row[j];
            }
        }
        return (output, Back);

        double[] Back(double[] gradient)
        {
            var back = new double[input.Length];
            for (var at = 0; at < back.Length; at++)
            {
                var row = kernel.AsSpan(at % channels * units, units);
                var from = gradient.AsSpan(at / channels * units, units);
                for (var j = 0; j < from.Length; j++)
                    back[at] += row[j] * from[j];
            }
            return back;
        }
    };

    private static HeadStep Scale(BatchNormalization o, float[][] weights)
    {
        var (mean, variance) = (weights[^2], weights[^1]);
        double[] scale = [.. variance.Select((v, c) => (o.Scale ? weights[0][c] : 1) / Math.Sqrt(v + o.Epsilon))];
        double[] offset = [.. mean.Select((m, c) => (o.Center ? weights[o.Scale ? 1 : 0][c] : 0) - m * scale[c])];
        return input => (
            [.. input.Select((x, i) => x * scale[i % scale.Length] + offset[i % scale.Length])],
            gradient => [.. gradient.Select((g, i) => g * scale[i % scale.Length])]);
    }

    private static HeadStep Normalize(LayerNormalization o, int channels, float[][] weights)
    {
        double[] gamma = [.. Enumerable.Range(0, channels).Select(c => o.Scale ? weights[0][c] : 1.0)];
        double[] beta = [.. Enumerable.Range(0, channels).Select(c => o.Center ? weights[o.Scale ? 1 : 0][c] : 0.0)];
        return input =>
        {
            double[][] places = [.. input.Chunk(channels)];
            double[] deviations = [.. places.Select(p => Math.Sqrt(Variance(p) + o.Epsilon))];
            double[][] normal = [.. places.Select((p, at) => Array.ConvertAll(p, x => (x - p.Average()) / deviations[at]))];
            return ([.. normal.SelectMany(p => p.Select((x, c) => x * gamma[c] + beta[c]))], gradient => [.. gradient.Chunk(channels)
                .SelectMany((own, at) =>
                {
                    double[] scaled = [.. own.Select((g, c) => g * gamma[c])];
                    var (mean, along) = (scaled.Average(), scaled.Zip(normal[at], (g, x) => g * x).Average());
                    return scaled.Zip(normal[at], (g, x) => (g - mean - x * along) / deviations[at]);
                })]);
        };
    }

    private static double Variance(double[] numbers)
    {
        var mean = numbers.Average();
        return numbers.Average(x => (x - mean) * (x - mean));
    }

    private static HeadStep Mean(Shape shape) => input =>
    {
        var (places, channels) = (shape.Height * shape.Width, shape.Channels);
        var output = new double[channels];
        for (var i = 0; i < input.Length; i++)
            output[i % channels] += input[i] / places;
        return (output, gradient => [.. Enumerable.Range(0, input.Length).Select(i => gradient[i % channels] / places)]);
    };

    private static HeadStep Maximum(MaxPooling2D o, Shape shape) => input =>
    {
        var to = o.Infer([shape]);
        var chosen = new int[to.Height * to.Width * to.Channels];
        for (var i = 0; i < chosen.Length; i++)
        {
            var (channel, x, y) = (i % to.Channels, i / to.Channels % to.Width, i / to.Channels / to.Width);
            chosen[i] = -1;
            for (var row = y * o.Strides.Height; row < y * o.Strides.Height + o.Pool.Height; row++)
            {
                for (var column = x * o.Strides.Width; column < x * o.Strides.Width + o.Pool.Width; column++)
                {
                    var at = (row * shape.Width + column) * shape.Channels + channel;
                    if (chosen[i] < 0 || input[at] > input[chosen[i]])
                        chosen[i] = at;
                }
            }
        }
        return (Array.ConvertAll(chosen, at => input[at]), Back);

        double[] Back(double[] gradient)
        {
            var back = new double[input.Length];
            for (var i = 0; i < chosen.Length; i++)
                back[chosen[i]] += gradient[i];
            return back;
        }
    };
}
