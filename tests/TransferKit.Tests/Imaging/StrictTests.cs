namespace TransferKit.Tests.Imaging;

public class StrictTests
{
    private static readonly ImageDecodeOptions Strict = new() { Strict = true };

    [Fact]
    public void A_sound_jpeg_of_every_kind_is_read_strictly_too()
    {
        var decoder = new SkiaImageDecoder();
        foreach (var jpeg in GeneratedJpeg.Every.Where(j => j.Name != "left_unfinished.jpg"))
            Assert.Equal((jpeg.Name, jpeg.PillowHash), (jpeg.Name, GoldenImage.Sha256(decoder.Decode(jpeg.Content, null, Strict))));
    }

    [Theory]
    [InlineData("420_67x53.jpg")]
    [InlineData("444_67x53.jpg")]
    [InlineData("grey_50x31.jpg")]
    public void Data_that_end_before_the_last_row_turn_grey_and_are_refused_strictly(string name)
    {
        var whole = GeneratedJpeg.Of(name).Content;
        byte[] jpeg = [.. whole.AsSpan(0, whole.Length - 2 - (whole.Length / 8)), 0xFF, 0xD9];
        var decoder = new SkiaImageDecoder();

        var lenient = decoder.Decode(jpeg, null, new());
        var error = Assert.Throws<ImageDecodeException>(() => decoder.Decode(jpeg, "photo.jpg", Strict));

        Assert.Equal(GoldenImage.Sha256(JpegDecoders.Skia(jpeg)), GoldenImage.Sha256(lenient));
        Assert.Equal(ImageDecodeError.Corrupt, error.Reason);
        Assert.Contains("photo.jpg", error.Message);
        Assert.Equal(
            ImageDecodeError.Truncated, Assert.Throws<ImageDecodeException>(() => decoder.Decode(jpeg.AsSpan()[..^2], null, new())).Reason);
    }
}
