using TransferKit.Operators;

namespace TransferKit.Tests.Operators;

/// <summary>Compares the convolutions of bytes with their definition. Processors without dot products of bytes skip the tests.</summary>
public sealed unsafe class ByteConvolutionTests
{
    private readonly Random _random = new(1);

    [Theory]
    [InlineData(3, 32, 3, 3, 2)]
    [InlineData(3, 64, 7, 7, 2)]
    [InlineData(3, 24, 5, 5, 1)]
    [InlineData(1, 16, 1, 1, 1)]
    [InlineData(4, 40, 3, 7, 3)]
    [InlineData(2, 17, 2, 4, 1)]
    public void An_image_is_convolved_as_defined(int channels, int filters, int rows, int columns, int stride)
    {
        foreach (var (height, width) in new[] { (7, 7), (8, 13), (9, 40), (11, 701) })
        {
            var work = Work(channels, height, width, filters, rows, columns, stride);
            var kernel = Signed(filters * channels * rows * columns);
            Check(work, kernel, ImageConvolution.Pack(kernel, filters, columns), isDepthwise: false);
        }
    }

    [Theory]
    [InlineData(32, 3, 3, 1)]
    [InlineData(32, 3, 3, 2)]
    [InlineData(33, 5, 5, 1)]
    [InlineData(72, 5, 5, 2)]
    [InlineData(300, 7, 7, 1)]
    [InlineData(64, 7, 7, 2)]
    [InlineData(40, 2, 4, 3)]
    public void Channels_are_convolved_one_by_one_as_defined(int channels, int rows, int columns, int stride)
    {
        foreach (var (height, width) in new[] { (7, 7), (8, 13), (9, 40), (7, 301) })
        {
            var work = Work(channels, height, width, channels, rows, columns, stride);
            var kernel = Signed(channels * rows * columns);
            Check(work, kernel, DepthwiseConvolution.Pack(kernel, channels, columns, stride), isDepthwise: true);
        }
    }

    private static ByteConvolution Work(int channels, int height, int width, int filters, int rows, int columns, int stride) => new()
    {
        Window = Window(rows, columns, stride, rows / 2, columns / 2, (rows - 1) / 2, columns / 2 + 1),
        Images = 2,
        Channels = channels,
        Height = height,
        Width = width,
        Filters = filters,
        InputZero = 113,
        OutputZero = 101,
    };

    private static MapWindow Window(params long[] numbers)
    {
        fixed (long* attributes = numbers)
            return new(attributes);
    }

    private void Check(ByteConvolution work, sbyte[] kernel, sbyte[] packed, bool isDepthwise)
    {
        Assert.SkipUnless(ByteConvolution.IsSupported, "This processor has no dot products of bytes in vectors of 256 bits.");
        var input = new byte[work.Images * work.Channels * work.Height * work.Width];
        _random.NextBytes(input);
        int[] bias = [.. Enumerable.Range(0, work.Filters).Select(_ => _random.Next(-2000, 2000))];
        // Some sums become halves, which are rounded to even numbers, and some bytes that are clipped.
        float[] factors = [.. Enumerable.Range(0, work.Filters).Select(i => i % 3 == 0 ? 0.5f : 0.002f + 0.001f * _random.NextSingle())];
        var expected = Expected(work, input, kernel, bias, factors, isDepthwise);
        var length = kernel.Length / work.Filters;
        for (var filter = 0; filter < work.Filters; filter++)
            bias[filter] -= kernel.Skip(filter * length).Take(length).Sum(k => k * work.InputZero);
        if (isDepthwise)
            (bias, factors) = (DepthwiseConvolution.PackChannels<int>(bias), DepthwiseConvolution.PackChannels<float>(factors));

        var output = new byte[expected.Length];
        fixed (byte* from = input, to = output)
        fixed (sbyte* by = packed)
        fixed (int* plus = bias)
        fixed (float* times = factors)
        {
            work.Input = from;
            work.Output = to;
            work.Kernel = by;
            work.Bias = plus;
            work.Factors = times;
            var items = isDepthwise ? DepthwiseConvolution.Items(work) : ImageConvolution.Items(work);
            for (var item = 0; item < items; item++)
            {
                if (isDepthwise)
                    DepthwiseConvolution.Run(work, item);
                else
                    ImageConvolution.Run(work, item);
            }
        }
        Assert.Equal(expected, output);
        Assert.Contains(output, o => o is > 0 and < byte.MaxValue);
    }

    private static byte[] Expected(in ByteConvolution work, byte[] input, sbyte[] kernel, int[] bias, float[] factors, bool isDepthwise)
    {
        var (height, width) = (work.OutputHeight, work.OutputWidth);
        var output = new byte[work.Images * height * width * work.Filters];
        for (var i = 0; i < output.Length; i++)
        {
            var (place, filter) = Math.DivRem(i, work.Filters);
            (var row, var x) = Math.DivRem(place, width);
            var (image, y) = Math.DivRem(row, height);
            var sum = bias[filter];
            var channels = isDepthwise ? 1 : work.Channels;
            for (var tap = 0; tap < channels * work.Window.Rows * work.Window.Columns; tap++)
            {
                var (rest, column) = Math.DivRem(tap, work.Window.Columns);
                var (channel, down) = Math.DivRem(rest, work.Window.Rows);
                var (fromY, fromX) = (y * work.Window.Stride - work.Window.Top + down, x * work.Window.Stride - work.Window.Left + column);
                if ((uint)fromY >= (uint)work.Height || (uint)fromX >= (uint)work.Width)
                    continue;
                var from = isDepthwise
                    ? ((image * work.Height + fromY) * work.Width + fromX) * work.Channels + filter
                    : ((image * work.Channels + channel) * work.Height + fromY) * work.Width + fromX;
                sum += (input[from] - work.InputZero) * kernel[filter * channels * work.Window.Rows * work.Window.Columns + tap];
            }
            output[i] = (byte)Math.Clamp(MathF.Round(sum * factors[filter], MidpointRounding.ToEven) + work.OutputZero, 0, byte.MaxValue);
        }
        return output;
    }

    private sbyte[] Signed(int count)
    {
        var numbers = new byte[count];
        _random.NextBytes(numbers);
        return Array.ConvertAll(numbers, n => (sbyte)Math.Max((sbyte)n, (sbyte)-sbyte.MaxValue));
    }
}
