using Microsoft.ML.OnnxRuntime;

namespace TransferKit.PublicApi.Tests;

public class BatchTests
{
    private static readonly ImageSize Size = (32, 32);

    [Theory]
    [InlineData(false, 1), InlineData(false, 33), InlineData(false, 65)]
    [InlineData(true, 1), InlineData(true, 32), InlineData(true, 33), InlineData(true, 65)]
    public void A_batch_gives_what_its_images_give_alone_whatever_the_session(bool isConfigured, int n)
    {
        Action<SessionOptions>? configure = isConfigured ? session => session.IntraOpNumThreads = 1 : null;
        using var backbone = Backbone.Load("mobilenet_v2", SharedBackbone.Options with { InputSize = Size, ConfigureSession = configure });
        var length = Size.Height * Size.Width * 3;
        var bytes = new byte[n * length];
        new Random(n).NextBytes(bytes);

        var all = backbone.Predict(bytes);
        var floats = backbone.Predict(Array.ConvertAll(bytes, b => (float)b));

        Assert.Equal([n, 1280], all.Shape);
        Assert.Equal(all.ToArray(), floats.ToArray());
        float[] alone = [.. Enumerable.Range(0, n).SelectMany(i => backbone.Predict(bytes.AsSpan(i * length, length)).ToArray())];
        var difference = alone.Zip(all.ToArray()).Max(p => Math.Abs(p.First - p.Second));
        Assert.True(difference <= 1e-5 * alone.Max(Math.Abs), $"differs by {difference}");
    }

    [Fact]
    public void The_session_is_configured_once_and_what_is_set_arrives()
    {
        var (calls, path) = (0, Path.Combine(Path.GetTempPath(), $"transferkit-{Guid.NewGuid():N}.onnx"));
        try
        {
            using var backbone = Backbone.Load("mobilenet_v2", SharedBackbone.Options with
            {
                InputSize = Size,
                ConfigureSession = session =>
                {
                    calls++;
                    session.OptimizedModelFilePath = path;
                },
            });
            backbone.Predict(new byte[2 * Size.Height * Size.Width * 3]);
            Assert.True(File.Exists(path));
            Assert.Equal(1, calls);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
