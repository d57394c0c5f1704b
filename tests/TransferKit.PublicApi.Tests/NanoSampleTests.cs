using System.Globalization;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

public class NanoSampleTests
{
    // The sample shares no code with TransferKit: it reads the weights, decodes the picture and runs the network by itself.
    [Fact]
    public async Task The_sample_in_plain_csharp_gives_the_same_features()
    {
        var lines = await FileApp.RunAsync("nano.cs", [], TestContext.Current.CancellationToken);
        var independent = lines.Select(line => float.Parse(line, CultureInfo.InvariantCulture)).ToArray();

        // The picture has the size of the input, so that nothing is resized.
        using var backbone = Backbone.Load("mobilenet_v2", new()
        {
            IncludeTop = false,
            Pooling = Pooling.Avg,
            Alpha = 0.35,
            InputSize = (300, 451),
            Weights = MobileNetV2Weights.Alpha035NoTop,
        });
        var features = backbone.Predict(Path.Combine(FileApp.Samples, "pictures", "chelsea.png")).ToArray();

        Assert.Equal(1280, independent.Length);
        var largest = features.Max(Math.Abs);
        Assert.InRange(features.Zip(independent, (a, b) => Math.Abs(a - b)).Max() / largest, 0, 1e-5);
    }

    [Fact]
    public void The_sample_is_short_and_names_no_package()
    {
        var lines = File.ReadAllLines(Path.Combine(FileApp.Samples, "nano.cs"));
        Assert.InRange(lines.Length, 100, 300);
        Assert.DoesNotContain(
            lines, l => l.StartsWith("#:", StringComparison.Ordinal) || l.StartsWith("using TransferKit", StringComparison.Ordinal));
    }
}
