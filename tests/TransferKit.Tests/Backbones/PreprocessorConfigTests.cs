using TransferKit.Backbones.OnnxFiles;
using TransferKit.Common;

namespace TransferKit.Tests;

public sealed class PreprocessorConfigTests : IDisposable
{
    private const string Norm = "\"image_mean\": [0.5, 0.5, 0.5], \"image_std\": [0.25, 0.5, 0.5]";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // The configurations are those of published models: ViT, CLIP, DeiT, DINOv2, ConvNeXt in two sizes, LeViT, PoolFormer.
    [Theory]
    [InlineData("224x224", "", "Bilinear", """{"feature_extractor_type": "ViTFeatureExtractor", "size": 224, "resample": 2}""")]
    [InlineData("224x224", "shortest edge 224", "Bicubic",
        """{"feature_extractor_type": "CLIPFeatureExtractor", "size": 224, "crop_size": 224, "do_center_crop": true, "resample": 3}""")]
    [InlineData("224x224", "256x256", "Bicubic",
        """{"feature_extractor_type": "DeiTFeatureExtractor", "size": 256, "crop_size": 224, "do_center_crop": true, "resample": 3}""")]
    [InlineData("224x224", "shortest edge 256", "Bicubic",
        """
        {"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224},
         "do_center_crop": true, "do_convert_rgb": true, "do_resize": true, "resample": 3}
        """)]
    [InlineData("224x224", "shortest edge 256", "Bicubic",
        """{"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 224}, "crop_pct": 0.875, "resample": 3}""")]
    [InlineData("384x384", "", "Bicubic",
        """{"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 384}, "crop_pct": 0.875, "resample": 3}""")]
    [InlineData("224x224", "shortest edge 256", "Bicubic",
        """{"image_processor_type": "LevitImageProcessor", "size": {"shortest_edge": 224}, "crop_size": 224, "resample": 3}""")]
    [InlineData("224x224", "shortest edge 248", "Bicubic",
        """{"feature_extractor_type": "PoolFormerFeatureExtractor", "size": 224, "crop_pct": 0.9, "crop_size": 224, "resample": 3}""")]
    [InlineData("240x320", "", "Lanczos",
        """{"size": {"height": 240, "width": 320}, "do_center_crop": false, "crop_size": 10, "resample": 1}""")]
    public void Sizes_are_read_as_each_processor_means_them(string size, string crop, string filter, string json)
    {
        var config = Read(WithNorm(json));

        Assert.Equal(size, config.Size.ToString());
        Assert.Equal(crop, config.Images.CropFrom?.ToString() ?? "");
        Assert.Equal(filter, config.Images.Interpolation.ToString());
        Assert.Equal(1.0 / 255, config.Scaling.Rescale);
        Assert.Equal([0.25, 0.5, 0.5], config.Scaling.Std);
    }

    [Fact]
    public void Flags_turn_steps_off()
    {
        var config = Read("""{"size": 32, "resample": 0, "do_rescale": false, "do_normalize": false, "image_mean": [1, 2, 3]}""");

        Assert.True(config.Scaling.IsNone);
        Assert.Equal(Interpolation.Nearest, config.Images.Interpolation);
    }

    [Fact]
    public void A_factor_and_one_number_for_all_channels_are_read()
    {
        var config = Read("""{"size": 32, "resample": 4, "rescale_factor": 0.5, "image_mean": [2], "image_std": [4]}""");

        Assert.Equal("(x * 0.5 - (2, 2, 2)) / (4, 4, 4)", config.Scaling.ToString());
    }

    [Theory]
    [InlineData("resample, the number of Pillow's filter, is missing", """{"size": 32}""")]
    [InlineData("resample is 6", """{"size": 32, "resample": 6}""")]
    [InlineData("size is missing", """{"resample": 2}""")]
    [InlineData("size is 0 pixels", """{"size": 0, "resample": 2}""")]
    [InlineData("size is 100000 pixels", """{"size": 100000, "resample": 2}""")]
    [InlineData("a number, height and width, or shortest_edge is read", """{"size": {"longest_edge": 3}, "resample": 2}""")]
    [InlineData("a number, height and width, or shortest_edge is read", """{"size": "large", "resample": 2}""")]
    [InlineData("nothing is cropped", """{"size": {"shortest_edge": 32}, "resample": 2}""")]
    [InlineData("crop_size is 64x64, which is larger", """{"size": {"shortest_edge": 32}, "crop_size": 64, "resample": 2}""")]
    [InlineData("crop_size is missing", """{"size": 32, "do_center_crop": true, "resample": 2}""")]
    [InlineData("do_resize is false", """{"size": 32, "do_resize": false, "resample": 2}""")]
    [InlineData("do_pad is not supported", """{"size": 32, "do_pad": true, "resample": 2}""")]
    [InlineData("image_std is not a list", """{"size": 32, "resample": 2, "image_mean": [0, 0, 0], "image_std": [1, 2]}""")]
    [InlineData("The deviation is (0, 1, 1)", """{"size": 32, "resample": 2, "image_mean": [0, 0, 0], "image_std": [0, 1, 1]}""")]
    [InlineData("does not say how", """{"size": 1e400, "resample": 2}""")]
    [InlineData("does not say how", "[1]")]
    [InlineData("does not say how", "{")]
    [InlineData("does not say how", "[[[[[[[[[[[[[[[[[[[[")]
    public void What_cannot_be_followed_is_refused(string says, string json) =>
        Assert.Contains(says, Assert.Throws<OnnxModelException>(() => Read(json)).Message);

    private static string WithNorm(string json) => $"{{{Norm}, {json.TrimStart()[1..]}";

    private PreprocessorConfig Read(string json)
    {
        var path = Path.Combine(_folder.Path, PreprocessorConfig.FileName);
        File.WriteAllText(path, json);
        return PreprocessorConfig.Read(path);
    }
}
