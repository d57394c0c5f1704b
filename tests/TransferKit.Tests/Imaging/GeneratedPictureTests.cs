using System.Text;
using System.Text.Json;

namespace TransferKit.Tests.Imaging;

public class GeneratedPictureTests
{
    public static TheoryData<string> Readable => [.. GeneratedPicture.Every.Values.Where(p => p.PillowHash is not null).Select(p => Path.GetFileName(p.Path))];

    public static TheoryData<string> Refused => [.. GeneratedPicture.Every.Values.Where(p => p.PillowHash is null).Select(p => Path.GetFileName(p.Path))];

    [Theory]
    [MemberData(nameof(Readable))]
    public void A_picture_of_each_kind_has_Pillows_pixels(string name)
    {
        var made = GeneratedPicture.Every[name];
        var options = new ImageDecodeOptions { ApplyExifOrientation = made.IsUpright };

        var image = RgbImage.Load(made.Path, options);

        Assert.Equal(made.Size, (image.Width, image.Height));
        Assert.Equal(made.PillowHash, GoldenImage.Sha256(image));
        foreach (var filter in new[] { Interpolation.Nearest, Interpolation.Bicubic })
        {
            var fitting = new ImageLoadOptions { Interpolation = filter, Decode = options }.FittingTo(new(13, 19));
            Assert.Equal(image.Resize(19, 13, filter).Pixels.ToArray(), fitting.Load(made.Path));
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_picture_that_Pillow_refuses_is_refused(string name)
    {
        var error = Assert.Throws<ImageDecodeException>(() => RgbImage.Load(GeneratedPicture.Every[name].Path));
        Assert.Contains(error.Reason, new[] { ImageDecodeError.Truncated, ImageDecodeError.Corrupt, ImageDecodeError.Unsupported });
    }

    [Fact]
    public void A_long_picture_is_resized_as_Pillow_does_though_its_rows_pass_through_a_window()
    {
        var pixels = new byte[4000 * 9 * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (y, x, c) = (i / 27, i / 3 % 9, i % 3);
            pixels[i] = (byte)(((x * 11) + (y * 7) + (c * 5) + (x * y % 13)) % 256);
        }
        var image = RgbImage.FromRgb24(9, 4000, pixels);
        using var facts = JsonDocument.Parse(File.ReadAllBytes(Goldens.Path("pictures.json")));
        var compared = 0;
        foreach (var fact in facts.RootElement.EnumerateObject().Where(f => f.Name.StartsWith("long ", StringComparison.Ordinal)))
        {
            var parts = fact.Name.Split(' ');
            var sides = parts[1].Split('x').Select(int.Parse).ToArray();
            var resized = image.Resize(sides[0], sides[1], Enum.Parse<Interpolation>(parts[2], ignoreCase: true));
            Assert.Equal((fact.Name, fact.Value.GetString()), (fact.Name, GoldenImage.Sha256(resized)));
            compared++;
        }
        Assert.Equal(30, compared);
    }

    [Theory]
    [InlineData("zstd.tif", "Zstandard")]
    [InlineData("lzma.tif", "LZMA")]
    public void A_healthy_tiff_of_a_compression_that_is_not_read_is_not_called_damaged(string name, string compression)
    {
        var error = Assert.Throws<ImageDecodeException>(() => RgbImage.Load(Goldens.Path("cases", "tiff-codec-not-read", name)));
        Assert.Equal(ImageDecodeError.Unsupported, error.Reason);
        Assert.Contains(compression, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_baseline_jpeg_with_a_wrong_marker_in_its_data_is_corrupt() => Assert.Equal(
        ImageDecodeError.Corrupt,
        Assert.Throws<ImageDecodeException>(() => RgbImage.Load(Goldens.Path("cases", "jpeg-marker-inside", "marker.jpg"))).Reason);

    [Theory]
    [InlineData("\0\0\0\u0020ftypheic\0\0\0\0mif1heic", "HEIC", ImageDecodeError.Unsupported)]
    [InlineData("\0\0\0\u0020ftypavif\0\0\0\0avifmif1", "AVIF", ImageDecodeError.Unsupported)]
    [InlineData("\0\0\0\u0020ftypmif1\0\0\0\0mif1avif", "AVIF", ImageDecodeError.Unsupported)]
    [InlineData("\0\0\0\u000CjP  \r\n\u0087\n", "JPEG 2000", ImageDecodeError.Unsupported)]
    [InlineData("\u00FF\u004F\u00FF\u0051\0", "JPEG 2000", ImageDecodeError.Unsupported)]
    [InlineData("\0\0\0\u000CJXL \r\n\u0087\n", "JPEG XL", ImageDecodeError.Unsupported)]
    [InlineData("\u00FF\u000A\u0010\u0010", "JPEG XL", ImageDecodeError.Unsupported)]
    [InlineData("\0\0\u0001\0\u0002\0\u0010\u0010", "ICO", ImageDecodeError.Unsupported)]
    [InlineData("8BPS\0\u0001\0\0", "PSD", ImageDecodeError.Unsupported)]
    [InlineData("<svg xmlns=", "SVG", ImageDecodeError.Unsupported)]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid", "Git LFS", ImageDecodeError.NotAnImage)]
    [InlineData("\r\n<!DOCTYPE HTML PUBLIC", "HTML", ImageDecodeError.NotAnImage)]
    [InlineData("<html><head>", "HTML", ImageDecodeError.NotAnImage)]
    [InlineData("%PDF-1.7\n", "PDF", ImageDecodeError.NotAnImage)]
    [InlineData("\0\0\0\u0018ftypmp42\0\0\0\0", "video", ImageDecodeError.NotAnImage)]
    [InlineData("\u001A\u0045\u00DF\u00A3\u0001", "video", ImageDecodeError.NotAnImage)]
    [InlineData("RIFF\0\0\0\0AVI LIST", "video", ImageDecodeError.NotAnImage)]
    [InlineData("BMW cars and other things", "not a JPEG", ImageDecodeError.NotAnImage)]
    [InlineData("P1 is a text", "not a JPEG", ImageDecodeError.NotAnImage)]
    public void What_is_no_picture_that_is_read_is_named(string content, string name, ImageDecodeError reason)
    {
        var bytes = Encoding.Latin1.GetBytes(content);
        var decoder = new SkiaImageDecoder();

        var error = Assert.Throws<ImageDecodeException>(() => decoder.Decode(bytes, "a file", new()));

        Assert.False(decoder.CanDecode(bytes));
        Assert.Equal(reason, error.Reason);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message, decoder.Declined(bytes, "a file").Message);
    }
}
