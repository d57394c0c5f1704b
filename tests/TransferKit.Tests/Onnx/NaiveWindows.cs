using TransferKit.Graph;

namespace TransferKit.Tests.Onnx;

/// <summary>Computes convolutions and poolings by their definitions, in Keras' order of dimensions.</summary>
internal static class NaiveWindows
{
    /// <summary>
    /// Convolves with a kernel (height, width, in / groups, out). TensorFlow's "same" pads the odd pixel below and to the right.
    /// </summary>
    public static float[] Convolve(
        float[] input, Shape shape, float[] kernel, float[]? bias, Extent size, Extent strides, Padding padding, Extent dilation,
        int groups, int outputs)
    {
        var (inputs, ofGroup) = (shape.Channels / groups, outputs / groups);
        return Slide(shape, size, strides, padding, dilation, outputs, (places, channel) =>
        {
            var sum = (double)(bias?[channel] ?? 0);
            foreach (var (y, x, row, column) in places)
            {
                for (var i = 0; i < inputs; i++)
                {
                    sum += (double)input[(y * shape.Width + x) * shape.Channels + channel / ofGroup * inputs + i]
                        * kernel[((row * size.Width + column) * inputs + i) * outputs + channel];
                }
            }
            return sum;
        });
    }

    public static float[] Pool(
        float[] input, Shape shape, Extent size, Extent strides, Padding padding, Func<IEnumerable<double>, double> over) =>
        Slide(shape, size, strides, padding, 1, shape.Channels,
            (places, channel) => over(places.Select(p => (double)input[(p.Y * shape.Width + p.X) * shape.Channels + channel])));

    private static float[] Slide(
        Shape shape, Extent size, Extent strides, Padding padding, Extent dilation, int channels,
        Func<List<(int Y, int X, int Row, int Column)>, int, double> compute)
    {
        var output = Window.Slide(shape, size, strides, padding, channels, dilation);
        var (top, left) = padding == Padding.Valid ? (0, 0) : (
            Before(shape.Height, output.Height, size.Height, strides.Height, dilation.Height),
            Before(shape.Width, output.Width, size.Width, strides.Width, dilation.Width));
        var result = new float[output.Count];
        for (var y = 0; y < output.Height; y++)
        {
            for (var x = 0; x < output.Width; x++)
            {
                var places = new List<(int, int, int, int)>();
                for (var row = 0; row < size.Height; row++)
                {
                    for (var column = 0; column < size.Width; column++)
                    {
                        var from = y * strides.Height + row * dilation.Height - top;
                        var at = x * strides.Width + column * dilation.Width - left;
                        if (from >= 0 && from < shape.Height && at >= 0 && at < shape.Width)
                            places.Add((from, at, row, column));
                    }
                }
                for (var c = 0; c < channels; c++)
                    result[(y * output.Width + x) * channels + c] = (float)compute(places, c);
            }
        }
        return result;
    }

    private static int Before(int size, int output, int kernel, int stride, int dilation) =>
        Math.Max((output - 1) * stride + (kernel - 1) * dilation + 1 - size, 0) / 2;
}
