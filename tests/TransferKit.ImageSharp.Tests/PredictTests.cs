using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;
using TransferKit.Tests;

namespace TransferKit.ImageSharp.Tests;

public class PredictTests
{
    private static readonly string Picture = Goldens.Path("images", "coffee.png");

    [Fact]
    public void An_image_gives_the_features_of_its_file()
    {
        using var image = Image.Load<Rgb24>(Picture);

        Assert.Equal(MobileNet.Shared.Predict(Picture).ToArray(), MobileNet.Shared.Predict(image).ToArray());
        Assert.Equal(MobileNet.Shared.Predict(Picture).ToArray(), MobileNet.Shared.PredictAll(image).Values.Single().ToArray());
    }

    [Fact]
    public void Other_pixel_formats_are_converted_as_load_img_does()
    {
        using var grey = Image.Load<L8>(Goldens.Path("images", "camera.png"));
        using var alpha = Image.Load<Rgba32>(Goldens.Path("images", "made_alpha.png"));

        Assert.Equal(MobileNet.Shared.Predict(Goldens.Path("images", "camera.png")).ToArray(), MobileNet.Shared.Predict(grey).ToArray());
        Assert.Equal(
            MobileNet.Shared.Predict(Goldens.Path("images", "made_alpha.png")).ToArray(), MobileNet.Shared.Predict(alpha).ToArray());
    }

    [Fact]
    public void Several_images_give_a_row_each_in_their_order()
    {
        using var coffee = Image.Load<Rgb24>(Picture);
        using var camera = Image.Load<L8>(Goldens.Path("images", "camera.png"));

        var rows = MobileNet.Shared.Predict(new Image[] { coffee, camera, coffee });

        Assert.Equal([3, 1280], rows.Shape);
        AssertNear(MobileNet.Shared.Predict(coffee)[0], rows[0]);
        AssertNear(MobileNet.Shared.Predict(camera)[0], rows[1]);
        AssertNear(rows[0], rows[2]);
    }

    [Fact]
    public void An_image_is_predicted_as_it_was_mutated()
    {
        using var image = Image.Load<Rgb24>(Picture);
        image.Mutate(context => context.Crop(new Rectangle(10, 20, 96, 96)));
        var bytes = new byte[96 * 96 * 3];
        image.CopyPixelDataTo(bytes);

        Assert.Equal(MobileNet.Shared.Predict(bytes).ToArray(), MobileNet.Shared.Predict(image).ToArray());
    }

    [Fact]
    public void Pixels_in_one_block_are_not_copied()
    {
        var contiguous = new Configuration { PreferContiguousImageBuffers = true };
        using var image = new Image<Rgb24>(contiguous, 2000, 1500, new Rgb24(200, 100, 50));
        MobileNet.Shared.Predict(image);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        MobileNet.Shared.Predict(image);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        // The image has 9 MB. What other tests allocate meanwhile is far less.
        Assert.True(allocated < 4_500_000, $"{allocated:N0} bytes");
    }

    [Fact]
    public void Pixels_in_several_blocks_give_the_same_features()
    {
        // Pieces of ImageSharp's memory hold at most 4 MB, so 9 MB of pixels take several.
        using var pieces = new Image<Rgb24>(new Configuration { PreferContiguousImageBuffers = false }, 2000, 1500);
        Assert.False(pieces.DangerousTryGetSinglePixelMemory(out _));
        using var source = Image.Load<Rgb24>(Picture);
        pieces.Mutate(context => context.DrawImage(source, new Point(100, 1200), 1));
        var bytes = new byte[2000 * 1500 * 3];
        pieces.CopyPixelDataTo(bytes);

        Assert.Equal(
            MobileNet.Shared.Predict(RgbImage.FromRgb24(2000, 1500, bytes)).ToArray(), MobileNet.Shared.Predict(pieces).ToArray());
    }

    [Fact]
    public void A_missing_image_is_a_misuse()
    {
        Assert.Throws<ArgumentNullException>(() => MobileNet.Shared.Predict((Image)null!));
        Assert.Throws<ArgumentNullException>(() => MobileNet.Shared.Predict(new Image[] { null! }));
        Assert.Throws<ArgumentException>(() => MobileNet.Shared.Predict(Array.Empty<Image>()));
    }

    // A batch runs other kernels than a single image, so the last bits may differ.
    private static void AssertNear(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-4f);
    }
}
