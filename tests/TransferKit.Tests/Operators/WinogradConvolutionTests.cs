using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using TransferKit.Operators;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Operators;

/// <summary>
/// Compares the convolution with its definition in blocks of 8 and 16 channels, of which ONNX Runtime uses one on each processor.
/// </summary>
public sealed class WinogradConvolutionTests
{
    private const int Channels = 48;
    private const int Filters = 64;

    [Theory, InlineData(8, 0), InlineData(8, 1), InlineData(16, 0), InlineData(16, 1)]
    public void It_computes_its_definition_in_both_block_sizes(int lanes, int padding)
    {
        Assert.SkipUnless(CustomOperators.AreSupported, "This processor has no fused products of vectors.");
        foreach (var (images, height, width) in new[] { (1, 9, 9), (2, 13, 30), (3, 7, 11) })
        {
            Check(lanes, padding, images, height, width);
            Check(lanes, padding, images, height, width, isTransformed: false);
        }
    }

    [Theory, InlineData(8), InlineData(16)]
    public void It_adds_the_products_of_more_channels_than_the_first_cache_holds(int lanes)
    {
        Assert.SkipUnless(CustomOperators.AreSupported, "This processor has no fused products of vectors.");
        Check(lanes, 1, 1, 13, 14, Channels * 6);
        Check(lanes, 1, 1, 13, 14, Channels * 6, isTransformed: false);
    }

    [Theory, InlineData(8), InlineData(16)]
    public void Each_number_of_threads_computes_the_same_bits(int lanes)
    {
        Assert.SkipUnless(CustomOperators.AreSupported, "This processor has no fused products of vectors.");
        var expected = Check(lanes, 1, 2, 13, 30, threads: 1);
        foreach (var threads in new[] { 2, 3, 16 })
            Assert.Equal(expected, Check(lanes, 1, 2, 13, 30, threads: threads));
    }

    [Fact]
    public async Task A_processor_without_long_vectors_computes_the_same_bits()
    {
        Assert.SkipUnless(CustomOperators.AreSupported, "This processor has no fused products of vectors.");
        using var child = ChildProcess.Start(ComputeAll, [Hash()], without: "EnableAVX512");
        var error = await child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, error);
    }

    private static Task ComputeAll(string[] args)
    {
        Assert.False(Vector512.IsHardwareAccelerated);
        Assert.True(CustomOperators.AreSupported);
        Assert.Equal(args[0], Hash());
        // ONNX Runtime keeps its own blocks, which these vectors do not fill.
        new WinogradTests().Bias_and_ReLU_are_there_where_the_layer_has_them(hasBias: true, hasRelu: true);
        new BlockedDepthwiseTests().A_convolution_computes_what_ONNX_Runtime_computes(2, 9, 14, 48);
        new BlockedDepthwiseTests().What_is_applied_before_and_after_is_computed_with_it();
        new BlockedGateTests().Excitation_stays_in_blocks(40);
        new BiasGeluTests().A_map_is_computed_as_ONNX_Runtime_computes_it(48, 3);
        return Task.CompletedTask;
    }

    private static string Hash() => Convert.ToHexString(SHA256.HashData(
        MemoryMarshal.AsBytes<float>([.. Check(8, 1, 2, 13, 30), .. Check(16, 0, 3, 14, 11), .. Check(16, 1, 1, 13, 14, Channels * 6),
            .. Check(8, 1, 1, 13, 14, Channels * 6, isTransformed: false), .. Check(16, 1, 1, 13, 14, Channels, isTransformed: false)])));

    private static unsafe float[] Check(
        int lanes, int padding, int images, int height, int width, int channels = Channels, bool isTransformed = true,
        int threads = 2)
    {
        var random = new Random(1);
        var input = Numbers(random, images * height * width * channels);
        var kernel = Numbers(random, 9 * channels * Filters);
        // As in trained networks, kernels of more channels have smaller numbers, while the bias does not shrink.
        TensorPrimitives.Multiply(kernel, (float)Channels / channels, kernel);
        var bias = Numbers(random, Filters);
        var work = new WinogradConvolution
        {
            Lanes = lanes,
            Padding = padding,
            Images = images,
            Height = height,
            Width = width,
            Channels = channels,
            Filters = Filters,
            IsRectified = padding == 1,
            IsTransformed = isTransformed,
        };
        var output = new float[images * Filters * work.OutputHeight * work.OutputWidth];
        var transformed = isTransformed ? Transformed(kernel, lanes, channels) : kernel;
        work.Divide(threads);
        fixed (float* from = input, by = transformed, plus = bias, to = output)
        {
            work.Input = from;
            work.Kernel = by;
            work.Bias = plus;
            work.Output = to;
            for (var item = 0; item < work.Items; item++)
                work.Compute(item);
        }
        AssertClose(Expected(work, input, kernel, bias), output);
        return output;
    }

    private static float[] Transformed(float[] kernel, int lanes, int channels)
    {
        var dimensions = WinogradKernel.Dimensions(Filters, channels);
        var length = (int)(dimensions[1] * dimensions[2] * dimensions[3]);
        var transformed = new float[dimensions[0] * length];
        for (var panel = 0; panel < dimensions[0]; panel++)
            WinogradKernel.Transform(kernel, lanes, channels, panel, transformed.AsSpan(panel * length, length));
        return transformed;
    }

    private static float[] Expected(in WinogradConvolution work, float[] input, float[] kernel, float[] bias)
    {
        var (lanes, height, width) = (work.Lanes, work.OutputHeight, work.OutputWidth);
        var output = new float[work.Images * Filters * height * width];
        for (var image = 0; image < work.Images; image++)
        {
            for (var filter = 0; filter < Filters; filter++)
            {
                for (var y = 0; y < height; y++)
                {
                    for (var x = 0; x < width; x++)
                    {
                        double sum = bias[filter];
                        for (var tap = 0; tap < 9; tap++)
                        {
                            var (row, column) = (y + tap / 3 - work.Padding, x + tap % 3 - work.Padding);
                            if ((uint)row >= (uint)work.Height || (uint)column >= (uint)work.Width)
                                continue;
                            for (var channel = 0; channel < work.Channels; channel++)
                            {
                                var blocks = filter / lanes * (work.Channels / lanes) + channel / lanes;
                                var weight = kernel[((blocks * 9 + tap) * lanes + channel % lanes) * lanes + filter % lanes];
                                sum += (double)weight * input[Place(image, work.Channels, channel, work.Height, work.Width, row, column)];
                            }
                        }
                        output[Place(image, Filters, filter, height, width, y, x)] = (float)(work.IsRectified ? Math.Max(sum, 0) : sum);
                    }
                }
            }
        }
        return output;

        int Place(int image, int channels, int channel, int rows, int columns, int row, int column) =>
            (((image * (channels / lanes) + channel / lanes) * rows + row) * columns + column) * lanes + channel % lanes;
    }

    private static float[] Numbers(Random random, int count)
    {
        var numbers = new float[count];
        foreach (ref var number in numbers.AsSpan())
            number = random.NextSingle() - 0.5f;
        return numbers;
    }
}
