using TransferKit.Graph;
using TransferKit.Training.Torch;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
using Padding = TransferKit.Graph.Padding;

namespace TransferKit.Training.Tests.Torch;

public class MemoryLayoutTests
{
    // Where libtorch is wrong, most of these numbers are, by as much as they are large.
    [Theory]
    [InlineData(12, 336, 112, 2)]
    [InlineData(12, 96, 256, 1)]
    [InlineData(2, 256, 320, 7)]
    public void A_convolution_by_one_pixel_is_that_of_float64_in_every_memory_layout(int images, int channels, int filters, int side)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator();
        random.manual_seed(1);
        var last = rand(images, side, side, channels, generator: random).permute(0, 3, 1, 2);
        var kernel = rand(filters, channels, 1, 1, generator: random) - 0.5;
        var bias = rand(filters, generator: random);
        var exact = F.conv2d(last.to(ScalarType.Float64), kernel.to(ScalarType.Float64), bias.to(ScalarType.Float64));

        foreach (var x in new[] { last, last.contiguous() })
        {
            var found = LayerForward.Run(
                new Conv2D(filters, 1, 1, Padding.Valid), Shape.Map(side, side, channels), [kernel, bias], [x],
                new LayerContext(Training: false, MayOverwrite: false, random));
            Assert.InRange((found.to(ScalarType.Float64) - exact).abs().max().item<double>(), 0, 1e-4);
        }
    }
}
