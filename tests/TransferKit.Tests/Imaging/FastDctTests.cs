using System.Text.Json;

namespace TransferKit.Tests.Imaging;

/// <summary>Compares the fast transform of JPEGs with libjpeg-turbo's, on whose pixels image_dataset_from_directory trains.</summary>
public class FastDctTests
{
    private static readonly ImageDecodeOptions Fast = new() { DctMethod = DctMethod.IntegerFast };

    [Fact]
    public void Every_kind_of_jpeg_has_the_pixels_of_libjpegs_fast_transform()
    {
        using var goldens = JsonDocument.Parse(File.ReadAllBytes(Goldens.Path("fast_dct.json")));
        var (compared, other) = (0, 0);
        foreach (var golden in goldens.RootElement.EnumerateObject())
        {
            var jpeg = GeneratedJpeg.Of(golden.Name);
            var image = new SkiaImageDecoder().Decode(jpeg.Content, jpeg.Name, Fast);
            Assert.Equal((jpeg.Name, golden.Value.GetString()), (jpeg.Name, GoldenImage.Sha256(image)));
            compared++;
            other += golden.Value.GetString() == jpeg.PillowHash ? 0 : 1;
        }
        Assert.Equal(56, compared);
        Assert.True(other > 50, $"{other} differ from the accurate transform");
    }

    [Fact]
    public void Only_image_dataset_from_directory_has_it_by_default()
    {
        var jpeg = GeneratedJpeg.Of("420_67x53.jpg");
        foreach (var method in Enum.GetValues<ResizeMethod>())
        {
            var options = new ImageLoadOptions { Resize = method, Interpolation = Interpolation.Nearest };
            var decode = method == ResizeMethod.ImageDatasetFromDirectory ? Fast : new();
            var image = new SkiaImageDecoder().Decode(jpeg.Content, null, decode);
            var floats = new float[image.Pixels.Length];
            var fitting = options.FittingTo(new(image.Height, image.Width));
            fitting.CopyTo(fitting.Load(jpeg.Content, null), floats);
            Assert.Equal(image.Pixels.ToArray().Select(p => (float)p), floats);
        }
        var asked =
            new ImageLoadOptions
            {
                Resize = ResizeMethod.ImageDatasetFromDirectory,
                Decode = new() { DctMethod = DctMethod.IntegerAccurate }
            };
        Assert.Equal(DctMethod.IntegerAccurate, asked.DecodeAsInTraining.DctMethod);
    }
}
