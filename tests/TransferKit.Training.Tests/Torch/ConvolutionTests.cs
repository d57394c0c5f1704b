using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TransferKit.Training.Tests.Torch;

/// <summary>Compares libtorch's convolutions, as training sets them up, with the same in double precision, over drawn shapes.</summary>
public class ConvolutionTests
{
    // The largest sum here has 49 * 16 terms, whose rounding stays far below this.
    private const double Bound = 1e-4;

    [Fact]
    public void Convolutions_and_their_gradients_are_those_of_float64() => Compare(seed: 1, shapes: 200);

    [Fact]
    [Trait("Category", "Slow")]
    public void Convolutions_and_their_gradients_are_those_of_float64_for_thousands_of_shapes() => Compare(seed: 2, shapes: 5000);

    private static void Compare(int seed, int shapes)
    {
        TorchRuntime.Ensure();
        var (random, faults) = (new Random(seed), new List<string>());
        using var generator = new Generator();
        generator.manual_seed(seed);
        for (var i = 0; i < shapes; i++)
        {
            using var scope = NewDisposeScope();
            var shape = ConvolutionShape.Draw(random);
            var x = rand(shape.Images, shape.Channels, shape.Side, shape.Side, generator: generator) - 0.5;
            var kernel = rand(shape.Filters, shape.Channels / shape.Groups, shape.Kernel, shape.Kernel, generator: generator) - 0.5;
            if (shape.ChannelsLast)
                x = x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
            var (found, exact) = (shape.Run(x, kernel), shape.Run(x.to(ScalarType.Float64), kernel.to(ScalarType.Float64)));
            var differences = found.Zip(
                exact, (f, e) => (f.to(ScalarType.Float64) - e).abs().max().item<double>() / e.abs().max().item<double>());
            // A comparison with NaN is false.
            if (differences.Any(d => !(d <= Bound)))
                faults.Add(shape.ToString());
        }
        Assert.True(faults.Count == 0, $"{faults.Count} of {shapes} shapes are wrong: {string.Join("; ", faults.Take(5))}");
    }

    private sealed record ConvolutionShape(
        int Images, int Channels, int Filters, int Kernel, int Side, int Stride, int Groups, bool ChannelsLast)
    {
        public static ConvolutionShape Draw(Random random)
        {
            var isDepthwise = random.Next(4) == 0;
            var channels = random.Next(1, 17);
            var kernel = 1 + (2 * random.Next(4));
            return new(
                random.Next(1, 5), channels, isDepthwise ? channels : random.Next(1, 17), kernel, random.Next(kernel, 25),
                random.Next(1, 3), isDepthwise ? channels : 1, random.Next(2) == 0);
        }

        /// <summary>Returns the output, and the gradients of the sum of its squares by the input and by the kernel.</summary>
        public Tensor[] Run(Tensor x, Tensor kernel)
        {
            (x, kernel) = (x.detach().requires_grad_(), kernel.detach().requires_grad_());
            var y = F.conv2d(x, kernel, strides: [Stride, Stride], padding: [Kernel / 2, Kernel / 2], groups: Groups);
            y.square().sum().backward();
            return [y.detach(), x.grad!, kernel.grad!];
        }
    }
}
