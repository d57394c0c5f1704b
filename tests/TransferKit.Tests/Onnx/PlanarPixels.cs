namespace TransferKit.Tests.Onnx;

/// <summary>Keras' <c>preprocess_input</c>, written plainly: pixels n, h, w, RGB to what a model's planar input takes.</summary>
internal static class PlanarPixels
{
    public static float[] From(ReadOnlySpan<float> nhwc, int n, int height, int width, PreprocessMode mode)
    {
        var planar = new float[nhwc.Length];
        var places = height * width;
        for (var image = 0; image < n; image++)
        {
            for (var place = 0; place < places; place++)
            {
                for (var channel = 0; channel < 3; channel++)
                {
                    var source = mode == PreprocessMode.Caffe ? 2 - channel : channel;
                    var x = nhwc[(image * places + place) * 3 + source];
                    planar[(image * 3 + channel) * places + place] = Prepare(x, channel, mode);
                }
            }
        }
        return planar;
    }

    private static float Prepare(float x, int channel, PreprocessMode mode) => mode switch
    {
        PreprocessMode.Caffe => x - new[] { 103.939f, 116.779f, 123.68f }[channel],
        PreprocessMode.Tf => x / 127.5f - 1,
        PreprocessMode.Torch => (x / 255 - new[] { 0.485f, 0.456f, 0.406f }[channel]) / new[] { 0.229f, 0.224f, 0.225f }[channel],
        _ => x,
    };
}
