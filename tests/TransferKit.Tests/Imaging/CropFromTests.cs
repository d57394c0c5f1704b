namespace TransferKit.Tests;

public class CropFromTests
{
    private static readonly RgbImage Picture = RgbImage.Load(Goldens.Path("images", "chelsea.png"));

    public static TheoryData<Interpolation> Filters => [.. Enum.GetValues<Interpolation>().Where(f => f <= Interpolation.Lanczos)];

    [Theory]
    [MemberData(nameof(Filters))]
    public void The_centre_of_a_resized_picture_is_what_is_cut_from_the_whole(Interpolation filter)
    {
        foreach (var (from, width, height) in new[] { (CropFrom.ShortestEdge(60), 90, 60), (CropFrom.Size((50, 70)), 70, 50) })
        {
            var whole = Picture.Resize(width, height, filter);

            var found = Picture.Resize(new ImageResize { Size = (41, 45), Interpolation = filter, CropFrom = from });

            Assert.Equal(Cut(whole, 41, 45), found);
        }
    }

    [Fact]
    public void An_edge_that_keeps_the_size_copies_the_pixels()
    {
        var found = Picture.Resize(
            new ImageResize { Size = (100, 120), Interpolation = Interpolation.Lanczos, CropFrom = CropFrom.ShortestEdge(Picture.Height) });

        Assert.Equal(Cut(Picture, 100, 120), found);
    }

    [Theory]
    [InlineData("from which no centre", 20, ResizeMethod.LoadImg, AspectRatio.Stretch)]
    [InlineData("CropFrom needs LoadImg", 40, ResizeMethod.Resizing, AspectRatio.Stretch)]
    [InlineData("CropFrom needs LoadImg", 40, ResizeMethod.LoadImg, AspectRatio.Crop)]
    public void What_does_not_fit_is_refused(string says, int edge, ResizeMethod method, AspectRatio ratio)
    {
        var options = new ImageLoadOptions { Resize = method, AspectRatio = ratio, CropFrom = CropFrom.ShortestEdge(edge) };

        Assert.Contains(says, Assert.Throws<ArgumentException>(() => options.FittingTo((30, 30))).Message);
    }

    [Fact]
    public void A_picture_that_is_too_thin_is_refused_before_memory_is_taken()
    {
        var line = RgbImage.FromRgb24(100_000, 1, new byte[300_000]);

        var thrown = Assert.Throws<ImageDecodeException>(
            () => line.Resize(new ImageResize { Size = (224, 224), CropFrom = CropFrom.ShortestEdge(256) }));

        Assert.Contains("too thin", thrown.Message);
    }

    private static float[] Cut(RgbImage whole, int height, int width)
    {
        var (top, left) = ((whole.Height - height) / 2, (whole.Width - width) / 2);
        var cut = new List<float>();
        for (var y = 0; y < height; y++)
        {
            foreach (var value in whole.Pixels.Span.Slice((((top + y) * whole.Width) + left) * 3, width * 3))
                cut.Add(value);
        }
        return [.. cut];
    }
}
