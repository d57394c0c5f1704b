using Microsoft.Extensions.DependencyInjection;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

/// <summary>A backbone's own <see cref="IBackbone.Images"/> holds wherever a call gives no options.</summary>
public sealed class BackbonePreparationTests : IDisposable
{
    private static readonly ImageLoadOptions Lanczos = new() { Interpolation = Interpolation.Lanczos, Decode = new() { ApplyExifOrientation = true } };
    private static readonly string Picture = Goldens.Path("images", "rocket.jpg");
    private static readonly Lazy<IBackbone> Loaded = new(() => Backbone.Load("mobilenet_v2", SharedBackbone.Options with { Images = Lanczos }));
    private readonly TemporaryFolder _folder = new();

    private static IBackbone Own => Loaded.Value;
    private static float[] Expected => SharedBackbone.MobileNet.Predict(Picture, Lanczos).ToArray();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_backbone_has_the_options_that_it_was_loaded_with_and_Keras_defaults_without()
    {
        // An implementation that knows nothing of the two properties.
        IBackbone foreign = new MeanColour();
        Assert.Equal(Lanczos, Own.Images);
        Assert.All([SharedBackbone.MobileNet.Images, foreign.Images], images =>
            Assert.Equal((Interpolation.Nearest, false, false), (images.Interpolation, images.Decode.ApplyExifOrientation, images.Decode.Draft)));
        Assert.Empty(foreign.UnboundLayers);
    }

    [Fact]
    public void Every_way_to_predict_prepares_pictures_as_the_backbone_says()
    {
        using var stream = File.OpenRead(Picture);
        using var again = File.OpenRead(Picture);
        var image = RgbImage.Load(Picture, Lanczos.Decode);
        Assert.NotEqual(SharedBackbone.MobileNet.Predict(Picture).ToArray(), Expected);
        float[][] all =
        [
            Own.Predict(Picture).ToArray(), Own.Predict(stream).ToArray(), Own.Predict(image).ToArray(),
            Own.Predict([Picture]).ToArray(), Own.Predict([image]).ToArray(),
            Own.PredictAll(Picture).Values.Single().ToArray(), Own.PredictAll(again).Values.Single().ToArray(), Own.PredictAll(image).Values.Single().ToArray(),
        ];
        Assert.All(all, found => Assert.Equal(Expected, found));
    }

    [Fact]
    public void A_calls_own_options_go_before_the_backbones() =>
        Assert.Equal(SharedBackbone.MobileNet.Predict(Picture).ToArray(), Own.Predict(Picture, new ImageLoadOptions()).ToArray());

    [Fact]
    public void A_folder_is_read_as_the_backbone_says_unless_the_extractor_says_otherwise()
    {
        _folder.Add("rocket.jpg", "a.jpg");
        var own = new FeatureExtractor(Own).Extract(_folder.Path)["a.jpg"].Features.ToArray();
        var nearest = new FeatureExtractor(Own, new() { Images = new() }).Extract(_folder.Path)["a.jpg"].Features.ToArray();

        AssertClose(Expected, own);
        AssertClose(SharedBackbone.MobileNet.Predict(Picture).ToArray(), nearest);
        Assert.True(Distance(own, nearest) > 0.01);
    }

    [Fact]
    public void Two_backbones_are_compared_on_the_pictures_of_the_first()
    {
        _folder.Add("rocket.jpg", "a.jpg");
        Assert.Equal(1, PrecisionReport.Compare(Own, SharedBackbone.MobileNet, _folder.Path).MeanCosine, 1e-5);
    }

    [Fact]
    public void A_backbone_of_a_container_prepares_pictures_as_its_options_say()
    {
        using var provider = new ServiceCollection()
            .AddTransferKit(o => o.Defaults = SharedBackbone.Options with { Images = Lanczos })
            .AddBackbone("mobilenet_v2")
            .BuildServiceProvider();
        Assert.Equal(Expected, provider.GetRequiredService<IBackbone>().Predict(Picture).ToArray());
    }

    private static void AssertClose(float[] expected, float[] found) => Assert.True(Distance(expected, found) < 1e-5);

    private static double Distance(float[] a, float[] b) => a.Zip(b).Max(p => Math.Abs(p.First - p.Second)) / a.Max(Math.Abs);
}
