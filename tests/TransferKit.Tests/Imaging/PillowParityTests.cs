namespace TransferKit.Tests.Imaging;

public class PillowParityTests
{
    public static TheoryData<string> Readable => [.. GoldenImage.Readable.Select(i => i.Name)];

    [Fact]
    public void The_goldens_cover_what_is_claimed()
    {
        Assert.Equal(20, GoldenImage.Readable.Count());
        Assert.Equal(2, GoldenImage.Every.Count(i => i.HasSixteenBits));
        Assert.Equal(4, GoldenImage.Every.Count(i => i.PillowFailed));
    }

    [Theory]
    [MemberData(nameof(Readable))]
    public void Decoded_pixels_are_Pillows(string name)
    {
        var golden = GoldenImage.Of(name);
        var image = golden.Decode();

        Assert.Equal(golden.Facts.GetProperty("width").GetInt32(), image.Width);
        Assert.Equal(golden.Facts.GetProperty("height").GetInt32(), image.Height);
        var first = golden.Facts.GetProperty("first_pixels").EnumerateArray().Select(v => v.GetByte()).ToArray();
        Assert.Equal(first, image.Pixels[..first.Length].ToArray());
        Assert.Equal(golden.Facts.GetProperty("rgb_sha256").GetString(), GoldenImage.Sha256(image));
    }

    [Theory]
    [MemberData(nameof(Readable))]
    public void Resized_pixels_are_Pillows_for_every_filter_and_size_while_decoding_and_afterwards(string name)
    {
        var golden = GoldenImage.Of(name);
        var image = golden.Decode();
        var compared = 0;
        foreach (var size in golden.Facts.GetProperty("resized_sha256").EnumerateObject())
        {
            var sides = size.Name.Split('x').Select(int.Parse).ToArray();
            foreach (var expected in size.Value.EnumerateObject())
            {
                var filter = Enum.Parse<Interpolation>(expected.Name, ignoreCase: true);
                var resized = image.Resize(sides[0], sides[1], filter);
                Assert.True(
                    expected.Value.GetString() == GoldenImage.Sha256(resized), $"{name} {size.Name} {expected.Name} differs");
                var fitted = new ImageLoadOptions { Interpolation = filter }.FittingTo(new(sides[1], sides[0])).Load(golden.Bytes(), name);
                Assert.True(
                    resized.Pixels.Span.SequenceEqual(fitted),
                    $"{name} {size.Name} {expected.Name} differs when resized while it is decoded");
                compared++;
            }
        }
        Assert.Equal(24, compared);
    }
}
