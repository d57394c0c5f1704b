using BitMiracle.LibTiff.Classic;

namespace TransferKit.Tests.Imaging;

public class TiffTests
{
    private const int Width = 61;
    private const int Height = 43;
    private static readonly byte[] Rgb =
        GoldenImage.Of("chelsea.png").Decode().Resize(Width, Height, Interpolation.Box).Pixels.ToArray();

    [Theory]
    [InlineData(Compression.NONE)]
    [InlineData(Compression.LZW)]
    [InlineData(Compression.ADOBE_DEFLATE)]
    [InlineData(Compression.PACKBITS)]
    public void Lossless_compressions_give_the_pixels_back(Compression compression)
    {
        Assert.Equal(Rgb, Decode(Write(Rgb, 3, Photometric.RGB, t => t.SetField(TiffTag.COMPRESSION, compression))));
    }

    [Fact]
    public void Strips_of_any_height_give_the_pixels_back()
    {
        Assert.Equal(Rgb, Decode(Write(Rgb, 3, Photometric.RGB, t => t.SetField(TiffTag.ROWSPERSTRIP, 7))));
    }

    [Fact]
    public void Alpha_is_dropped()
    {
        var rgba = Pixels().SelectMany((p, i) => new[] { p[0], p[1], p[2], (byte)i }).ToArray();
        var file = Write(rgba, 4, Photometric.RGB, t => t.SetField(TiffTag.EXTRASAMPLES, 1, new[] { (short)ExtraSample.UNASSALPHA }));
        Assert.Equal(Rgb, Decode(file));
    }

    [Fact]
    public void White_is_zero_where_the_file_says_so()
    {
        var grey = Pixels().Select(p => p[1]).ToArray();
        var expected = grey.SelectMany(g => Enumerable.Repeat((byte)(255 - g), 3)).ToArray();
        Assert.Equal(expected, Decode(Write(grey, 1, Photometric.MINISWHITE)));
    }

    [Fact]
    public void A_palette_keeps_the_upper_bits_of_its_colours()
    {
        var indices = Pixels().Select(p => p[0]).ToArray();
        var red = Enumerable.Range(0, 256).Select(i => (short)((i << 8) | 0x7F)).ToArray();
        var green = Enumerable.Range(0, 256).Select(i => (short)((255 - i) << 8)).ToArray();
        var blue = new short[256];
        var expected = indices.SelectMany(i => new byte[] { i, (byte)(255 - i), 0 }).ToArray();
        Assert.Equal(expected, Decode(Write(indices, 1, Photometric.PALETTE, t => t.SetField(TiffTag.COLORMAP, red, green, blue))));
    }

    [Fact]
    public void Orientation_is_applied_always_as_Pillow_does()
    {
        var file = Write(Rgb, 3, Photometric.RGB, t => t.SetField(TiffTag.ORIENTATION, Orientation.BOTRIGHT));
        Assert.Equal(Pixels().Reverse().SelectMany(p => p), Decode(file));
    }

    [Fact]
    public void A_directory_that_claims_more_than_the_file_holds_takes_no_memory()
    {
        var file = Write(Rgb, 3, Photometric.RGB);
        var directory = BitConverter.ToInt32(file, 4);
        for (var entry = 0; entry < BitConverter.ToInt16(file, directory); entry++)
        {
            var damaged = file.ToArray();
            BitConverter.TryWriteBytes(damaged.AsSpan(directory + 2 + (entry * 12) + 4), 0x7FFFFFFF);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<ImageDecodeException>(() => Decode(damaged));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        }
    }

    private static byte[][] Pixels() => [.. Rgb.Chunk(3)];

    private static byte[] Decode(byte[] file) =>
        new SkiaImageDecoder().Decode(file, "test.tif", new ImageDecodeOptions()).Pixels.ToArray();

    private static byte[] Write(byte[] pixels, int samples, Photometric photometric, Action<Tiff>? more = null)
    {
        using var stream = new MemoryStream();
        using (var tiff = Tiff.ClientOpen("test", "wl", stream, new TiffStream()))
        {
            tiff.SetField(TiffTag.IMAGEWIDTH, Width);
            tiff.SetField(TiffTag.IMAGELENGTH, Height);
            tiff.SetField(TiffTag.BITSPERSAMPLE, 8);
            tiff.SetField(TiffTag.SAMPLESPERPIXEL, samples);
            tiff.SetField(TiffTag.PLANARCONFIG, PlanarConfig.CONTIG);
            tiff.SetField(TiffTag.PHOTOMETRIC, photometric);
            tiff.SetField(TiffTag.ROWSPERSTRIP, Height);
            more?.Invoke(tiff);
            foreach (var (row, y) in pixels.Chunk(Width * samples).Select((row, y) => (row, y)))
            {
                tiff.WriteScanline(row, y);
            }
        }
        return stream.ToArray();
    }
}
