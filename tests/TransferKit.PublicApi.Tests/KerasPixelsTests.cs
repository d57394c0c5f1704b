using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

/// <summary>Pixels of image_dataset_from_directory and Resizing reach the network as floats, whichever way a picture comes.</summary>
public sealed class KerasPixelsTests : IDisposable
{
    private static readonly string Picture = Goldens.Path("images", "rocket.jpg");

    private static readonly ImageLoadOptions Dataset =
        new() { Resize = ResizeMethod.ImageDatasetFromDirectory, AspectRatio = AspectRatio.Crop };

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Every_way_to_predict_takes_the_floats_that_a_resize_gives()
    {
        var image = RgbImage.Load(Picture, new() { DctMethod = DctMethod.IntegerFast });
        float[] pixels = image.Resize(new ImageResize
        {
            Size = SharedBackbone.MobileNet.InputSize,
            Method = Dataset.Resize,
            AspectRatio = Dataset.AspectRatio,
        });
        Assert.Contains(pixels, p => p != MathF.Round(p));
        var expected = SharedBackbone.MobileNet.Predict(pixels).ToArray();
        Assert.NotEqual(expected, SharedBackbone.MobileNet.Predict(Picture, new() { Interpolation = Interpolation.Bilinear }).ToArray());
        using var own = Backbone.Load("mobilenet_v2", SharedBackbone.Options with { Images = Dataset });
        using var stream = File.OpenRead(Picture);
        var output = new float[expected.Length];
        own.Predict(pixels, output);
        float[][] all =
        [
            own.Predict(Picture).ToArray(), own.Predict(stream).ToArray(), own.Predict(image).ToArray(), own.Predict([Picture]).ToArray(),
            own.Predict([image]).ToArray(), own.PredictAll(Picture).Values.Single().ToArray(),
            SharedBackbone.MobileNet.Predict(Picture, Dataset).ToArray(), output,
        ];
        Assert.All(all, found => Assert.Equal(expected, found));
    }

    [Fact]
    public void A_folder_gives_the_same_features_and_skips_what_is_no_picture()
    {
        _folder.Add("rocket.jpg", "a.jpg");
        File.WriteAllText(_folder.File("b.jpg"), "text");
        _folder.Add("chelsea.png", "c.png");

        var rows = new FeatureExtractor(SharedBackbone.MobileNet, new() { Images = Dataset }).Extract(_folder.Path);

        Assert.True(rows["b.jpg"].IsSkipped);
        foreach (var name in (string[])["a.jpg", "c.png"])
        {
            var expected = SharedBackbone.MobileNet.Predict(_folder.File(name), Dataset).ToArray();
            Assert.Equal(expected, rows[name].Features.ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
        }
    }

    [Fact]
    public void Options_that_do_not_fit_each_other_are_told_before_anything_is_loaded()
    {
        var images = new ImageLoadOptions { Resize = ResizeMethod.Resizing, Interpolation = Interpolation.Hamming };
        var error = Assert.Throws<BackboneOptionsException>(() => Backbone.Load("vgg16", new() { Images = images, Classes = -1 }));
        Assert.Contains("Images: Interpolation is Hamming; Resizing has Nearest, Bilinear", error.Message);
        Assert.Contains("Classes", error.Message);
        Assert.Throws<ArgumentException>(() => SharedBackbone.MobileNet.Predict(Picture, images));
        _folder.Add("rocket.jpg", "a.jpg");
        Assert.Throws<ArgumentException>(
            () => new FeatureExtractor(SharedBackbone.MobileNet, new() { Images = images }).Extract(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();
}
