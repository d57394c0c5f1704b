namespace TransferKit.PublicApi.Tests;

public class BackboneInfoTests
{
    public static TheoryData<string> All => new(Backbone.All.Select(b => b.Name));

    [Fact]
    public void The_facts_of_ResNet50_are_what_Keras_and_its_paper_say()
    {
        var info = Backbone.All.Single(b => b.Name == "resnet50");

        Assert.Equal((2048, 25_636_712, 23_587_712), (info.Features, info.Parameters, info.ParametersNoTop));
        Assert.Equal(97.8, info.Megabytes, tolerance: 0.05);
        Assert.Equal((98, 74.9, 92.1, 107), (info.Published.Megabytes, info.Published.Top1, info.Published.Top5, info.Published.Depth));
        Assert.Equal(3.86e9, info.MultiplyAdds, tolerance: 0.01e9);
        Assert.Equal("MIT", info.License!.Name);
        Assert.Equal("https://arxiv.org/abs/1512.03385", info.Paper.Url);
        Assert.Empty(info.Alphas);
    }

    [Fact]
    public void The_MobileNets_name_their_widths_with_weights()
    {
        Assert.Equal([0.25, 0.5, 0.75, 1], Backbone.All.Single(b => b.Name == "mobilenet").Alphas);
        Assert.Equal([0.35, 0.5, 0.75, 1, 1.3, 1.4], Backbone.All.Single(b => b.Name == "mobilenet_v2").Alphas);
        Assert.Equal(["MobileNet", "MobileNetV2", "MobileNetV3Small", "MobileNetV3Large"],
            Backbone.All.Where(b => b.Alphas.Count > 0).Select(b => b.KerasName));
    }

    [Fact]
    public void Each_name_is_a_constant_under_the_name_that_Keras_gives_the_application()
    {
        var constants = typeof(Applications).GetFields().ToDictionary(f => f.Name, f => (string)f.GetRawConstantValue()!);
        Assert.Equal(Backbone.All.ToDictionary(b => b.KerasName, b => b.Name), constants);
    }

    [Fact]
    public async Task An_application_with_a_type_of_its_own_is_what_its_name_loads()
    {
        BackboneOptions options = new() { Weights = Weights.Random(1), IncludeTop = false, Pooling = Pooling.Avg, InputSize = (75, 75) };
        using var constructed = new InceptionV3(options);
        using var awaited = await InceptionV3.LoadAsync(options, cancellationToken: TestContext.Current.CancellationToken);
        using var named = Backbone.Load(Applications.InceptionV3, options);
        var pixels = new byte[75 * 75 * 3];
        Random.Shared.NextBytes(pixels);

        // Runs with one thread and with several add in another order.
        float[] expected = named.Predict(pixels).ToArray();
        Assert.Equal(expected, constructed.Predict(pixels).ToArray(), (a, b) => Math.Abs(a - b) <= 1e-4 * Math.Max(1, Math.Abs(a)));
        Assert.Equal(expected, awaited.Predict(pixels).ToArray(), (a, b) => Math.Abs(a - b) <= 1e-4 * Math.Max(1, Math.Abs(a)));
    }

    // The sizes of files are within a few per cent of their weights, EfficientNetB0's aside.
    [Theory, MemberData(nameof(All))]
    public void Figures_are_plausible_and_have_a_source(string name)
    {
        var info = Backbone.All.Single(b => b.Name == name);

        Assert.InRange(info.Published.Top1!.Value, 60, 90);
        Assert.InRange(info.Published.Top5 ?? 95, info.Published.Top1.Value, 100);
        Assert.InRange((info.Published.Megabytes ?? info.Megabytes) / info.Megabytes, 0.9, 1.5);
        Assert.StartsWith("https://", info.Published.Source);
        Assert.StartsWith("https://", info.License?.StatedBy ?? "https://");
        Assert.True(info.MultiplyAdds > info.Parameters);
    }

    // Keras' manual states no licence of newer families, and neither do the addresses of their weights.
    [Fact]
    public void Only_licences_that_someone_states_are_named() => Assert.Equal(
        Backbone.All.Select(b => b.Name).Where(n => n.StartsWith("mobilenet_v3") || n.StartsWith("efficientnet")),
        Backbone.All.Where(b => b.License is null && b.WeightsFile is not null).Select(b => b.Name));
}
