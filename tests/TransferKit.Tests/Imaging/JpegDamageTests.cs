namespace TransferKit.Tests.Imaging;

public class JpegDamageTests
{
    private const string Read = "read";

    // DamagedJpegTests compares the pixels with Pillow's. Skia's differ where numbers overflow.
    [Fact]
    public void A_damaged_jpeg_is_read_where_Skia_reads_it_whole_and_resized()
    {
        var decoder = new SkiaImageDecoder();
        var fitting = new ImageLoadOptions { Interpolation = Interpolation.Bilinear }.FittingTo(new(9, 14));
        var scaling =
            new ImageLoadOptions { Interpolation = Interpolation.Bilinear, Decode = new() { Draft = true } }.FittingTo(new(9, 14));
        var (own, left, refused) = (0, 0, 0);
        foreach (var made in GeneratedJpeg.Every)
        {
            var random = new Random(made.Name.Length * made.Content.Length);
            for (var round = 0; round < 150; round++)
            {
                var jpeg = Damaged(made.Content, random);
                var skia = Outcome(() => JpegDecoders.Skia(jpeg));
                var expected = Outcome(() => decoder.Decode(jpeg, null, new()));
                Assert.Equal((made.Name, round, Kind(skia)), (made.Name, round, Kind(expected)));
                var isOwn = JpegDecoders.Own(jpeg) is not null;
                (own, left, refused) = Kind(expected) != Read ? (own, left, refused + 1)
                    : isOwn ? (own + 1, left, refused)
                    : (own, left + 1, refused);
                if (round % 5 == 0)
                {
                    // Rows from before the detection of the damage do not count.
                    var resized = Outcome(() => decoder.Decode(jpeg, null, new()).Resize(14, 9, Interpolation.Bilinear));
                    var fitted = Outcome(() => RgbImage.FromRgb24(14, 9, fitting.Load(jpeg, null)));
                    Assert.Equal((made.Name, round, resized), (made.Name, round, fitted));
                    var scaled = Outcome(() => JpegDecoders.Skia(jpeg, new(9, 14)).Resize(14, 9, Interpolation.Bilinear));
                    var found = Outcome(() => RgbImage.FromRgb24(14, 9, scaling.Load(jpeg, null)));
                    Assert.Equal((made.Name, round, Kind(scaled)), (made.Name, round, Kind(found)));
                }
            }
        }
        Assert.True(own > 500 && left > 500 && refused > 500, $"{own} own, {left} left to Skia, {refused} refused");
    }

    [Fact]
    public void Damage_in_the_last_row_is_found_though_rows_were_handed_out()
    {
        var jpeg = GeneratedJpeg.Of("420_67x53.jpg").Content.ToArray();
        // A Huffman code never consists of ones alone.
        jpeg.AsSpan(jpeg.Length - 12, 10).Fill(0xFE);
        Assert.Null(JpegDecoders.Own(jpeg));
        Assert.Equal(GoldenImage.Sha256(JpegDecoders.Skia(jpeg)), GoldenImage.Sha256(new SkiaImageDecoder().Decode(jpeg, null, new())));
    }

    private static byte[] Damaged(byte[] jpeg, Random random)
    {
        var damaged = jpeg.ToArray();
        var scan = jpeg.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        for (var flips = random.Next(1, 4); flips > 0; flips--)
        {
            // The change is in the headers, in the compressed data, or anywhere except in the three bytes that identify a JPEG.
            var at =
                random.Next(3) switch { 0 => random.Next(3, scan), 1 => random.Next(scan, jpeg.Length), _ => random.Next(3, jpeg.Length) };
            damaged[at] = random.Next(8) == 0 ? (byte)random.Next(256) : (byte)(damaged[at] ^ (1 << random.Next(8)));
        }
        return random.Next(6) switch
        {
            0 => damaged[..random.Next(3, damaged.Length)],
            1 => [.. damaged[..random.Next(3, damaged.Length)], 0xFF, 0xD9],
            _ => damaged,
        };
    }

    private static string Kind(string outcome) => Enum.TryParse<ImageDecodeError>(outcome, out _) ? outcome : Read;

    private static string Outcome(Func<RgbImage> decode)
    {
        try
        {
            var image = decode();
            return image.Width * image.Height > 1_000_000 ? $"{image.Width} x {image.Height}" : GoldenImage.Sha256(image);
        }
        catch (ImageDecodeException e)
        {
            return e.Reason.ToString();
        }
    }
}
