namespace TransferKit.Tests.Imaging;

public class GifTransparencyTests
{
    private static readonly byte[] Opaque = GoldenImage.Of("no_time_for_that_tiny.gif").Bytes();
    private static readonly int ImageBlock = FindImageBlock();

    [Fact]
    public void A_transparent_pixel_keeps_the_colour_of_its_palette_entry()
    {
        var expected = GoldenImage.Of("no_time_for_that_tiny.gif").Decode();
        for (var transparent = 0; transparent < 256; transparent += 15)
        {
            byte[] gif = [.. Opaque[..ImageBlock], 0x21, 0xF9, 4, 1, 0, 0, (byte)transparent, 0, .. Opaque[ImageBlock..]];
            var before = gif.ToArray();
            var actual = new SkiaImageDecoder().Decode(gif, null, new ImageDecodeOptions());
            Assert.True(expected.Pixels.Span.SequenceEqual(actual.Pixels.Span));
            Assert.Equal(before, gif);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(3)]
    public void What_the_first_frame_leaves_uncovered_takes_the_transparent_or_the_first_colour(int? transparent)
    {
        var frame = GoldenImage.Of("no_time_for_that_tiny.gif").Decode();
        byte[] control = transparent is { } index ? [0x21, 0xF9, 4, 1, 0, 0, (byte)index, 0] : [];
        byte[] gif = [.. Opaque[..ImageBlock], .. control, .. Opaque[ImageBlock..]];
        gif[6] = (byte)(frame.Width + 3);
        gif[8] = (byte)(frame.Height + 2);
        var image = new SkiaImageDecoder().Decode(gif, null, new ImageDecodeOptions());

        Assert.Equal((frame.Width + 3, frame.Height + 2), (image.Width, image.Height));
        const int palette = 13;
        var colour = gif.AsSpan(palette + ((transparent ?? 0) * 3), 3);
        Assert.True(image.Pixels.Span[^3..].SequenceEqual(colour));
        Assert.True(image.Pixels.Span[..(frame.Width * 3)].SequenceEqual(frame.Pixels.Span[..(frame.Width * 3)]));
    }

    private static int FindImageBlock()
    {
        var at = 13 + (3 << ((Opaque[10] & 7) + 1));
        while (Opaque[at] == 0x21)
        {
            at += 2;
            while (Opaque[at] != 0)
            {
                at += Opaque[at] + 1;
            }
            at++;
        }
        Assert.Equal(0x2C, Opaque[at]);
        return at;
    }
}
