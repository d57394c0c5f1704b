using System.Security.Cryptography;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using TransferKit.Imaging.Pictures;
using TransferKit.Imaging.Resizing;

namespace TransferKit.Tests.Imaging;

public class KerasResizingTests
{
    private static readonly JsonElement Golden =
        JsonDocument.Parse(File.ReadAllBytes(Goldens.Path("resizing", "resizing.json"))).RootElement;

    [Fact]
    public void Floats_are_those_of_Keras_and_TensorFlow()
    {
        var judges = new Dictionary<string, int>();
        foreach (var golden in Golden.GetProperty("resized").EnumerateArray())
        {
            var expected = golden.GetProperty("pixels").EnumerateArray().Select(p => p.GetSingle()).ToArray();
            var image = Picture(golden);

            var actual = image.Resize(ResizeOf(golden));

            var judge = golden.GetProperty("judge").GetString()!;
            judges[judge] = judges.GetValueOrDefault(judge) + 1;
            var off = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
            Assert.True(expected.Length == actual.Length && off <= 255e-5, $"{golden.GetRawText()[..150]}: {off}");
        }
        Assert.Equal(24, judges["keras"]);
        Assert.Equal(40, judges["transcription"]);
    }

    [Fact]
    public void Bytes_of_load_img_with_keep_aspect_ratio_and_color_mode_are_Keras()
    {
        var compared = 0;
        foreach (var golden in Golden.GetProperty("load_img").EnumerateArray())
        {
            var image = Picture(golden);
            var resize = ResizeOf(golden);
            var pixels = new byte[resize.ByteCount];

            image.Resize(resize, pixels, DecodeWatch.For(default));

            Assert.Equal(
                (golden.GetRawText(), golden.GetProperty("sha256").GetString()),
                (golden.GetRawText(), Convert.ToHexStringLower(SHA256.HashData(pixels))));
            Assert.Equal(pixels.Select(p => (float)p), image.Resize(resize));
            compared++;
        }
        Assert.Equal(144, compared);
    }

    [Property(MaxTest = 300)]
    public Property Rows_may_come_some_at_a_time_and_all_of_the_target_is_written() => Prop.ForAll(
        Gen.Choose(1, 60).Four().Zip(Gen.Elements(Resizes())).Zip(Gen.Choose(0, int.MaxValue)).ToArbitrary(),
        input =>
        {
            var (((width, height, targetWidth, targetHeight), kind), seed) = input;
            var resize = kind with { Size = new(targetHeight, targetWidth) };
            var random = new Random(seed);
            var source = new byte[width * height * 3];
            random.NextBytes(source);
            if (ResizePlan.Of(width, height, resize).IsEmpty)
                return;
            var (whole, inParts) = (new byte[resize.ByteCount], new byte[resize.ByteCount]);
            Array.Fill(inParts, (byte)0xFF);
            using (var resizer = Resizer.Create(width, height, resize, null))
                resizer.Add(source, whole);
            using (var resizer = Resizer.Create(width, height, resize, null))
            {
                for (int y = 0, rows; y < height; y += rows)
                {
                    rows = random.Next(1, Math.Min(20, height - y) + 1);
                    resizer.Add(source.AsSpan(y * width * 3, rows * width * 3), inParts);
                }
            }
            Assert.Equal(whole, inParts);
        });

    [Theory]
    [InlineData("rocket.jpg")]
    [InlineData("chelsea.png")]
    [InlineData("multipage.tif")]
    public void A_file_is_resized_while_it_is_decoded_as_its_picture_is_afterwards(string name)
    {
        var path = Goldens.Path("images", name);
        foreach (var resize in Resizes().Select(r => r with { Size = new(33, 47) }))
        {
            var options = new ImageLoadOptions
            {
                Resize =
                    resize.Method,
                Interpolation = resize.Interpolation,
                AspectRatio = resize.AspectRatio,
                ColorMode = resize.ColorMode,
            };
            var image = RgbImage.Load(path, options.DecodeAsInTraining);
            var fitting = options.FittingTo(resize.Size);
            var floats = new float[33 * 47 * 3];
            fitting.CopyTo(fitting.Load(path), floats);
            Assert.Equal(image.Resize(resize), floats);
        }
    }

    [Fact]
    public void A_picture_too_thin_for_the_proportions_is_refused_where_Keras_refuses_it()
    {
        var line = RgbImage.FromRgb24(1, 40, new byte[120]);
        foreach (var (method, ratio) in new[] { (ResizeMethod.LoadImg, AspectRatio.Crop),
            (ResizeMethod.ImageDatasetFromDirectory, AspectRatio.Pad) })
        {
            var error = Assert.Throws<ImageDecodeException>(
                () => line.Resize(new() { Size = new(10, 30), Method = method, AspectRatio = ratio }));
            Assert.Equal(ImageDecodeError.Unsupported, error.Reason);
        }
        Assert.Equal(900, line.Resize(new() { Size = new(10, 30), Method = ResizeMethod.Resizing, AspectRatio = AspectRatio.Crop }).Length);
    }

    [Fact]
    public void Filters_and_ratios_that_Keras_does_not_have_are_refused_by_name()
    {
        var image = RgbImage.FromRgb24(1, 1, new byte[3]);
        ImageResize[] wrong =
        [
            new() { Size = new(2, 2), Interpolation = Interpolation.Area },
            new() { Size = new(2, 2), Method = ResizeMethod.Resizing, Interpolation = Interpolation.Hamming },
            new() { Size = new(2, 2), AspectRatio = AspectRatio.Pad },
            new() { Size = new(2, 2), Method = (ResizeMethod)7 },
            new() { Size = new(2, 2), ColorMode = (ColorMode)7 },
        ];
        string[] named = ["Lanczos", "MitchellCubic", "Crop", "ImageDatasetFromDirectory", "Grayscale"];
        foreach (var (resize, name) in wrong.Zip(named))
            Assert.Contains(name, Assert.Throws<ArgumentException>(() => image.Resize(resize)).Message);
        Assert.Equal(Interpolation.Nearest, new ImageLoadOptions().Interpolation);
        Assert.Equal(Interpolation.Bilinear, new ImageLoadOptions { Resize = ResizeMethod.Resizing }.Interpolation);
    }

    private static ImageResize[] Resizes() =>
    [
        .. from method in Enum.GetValues<ResizeMethod>()
           from filter in Enum.GetValues<Interpolation>()
           from ratio in Enum.GetValues<AspectRatio>()
           where !ImageResize.Problems(method, filter, ratio, ColorMode.Rgb).Any()
           select new ImageResize
           {
               Size = new(1, 1), Method = method, Interpolation = filter, AspectRatio = ratio,
               ColorMode = filter == Interpolation.Bilinear ? ColorMode.Grayscale : ColorMode.Rgb,
           },
    ];

    private static ImageResize ResizeOf(JsonElement golden) => new()
    {
        Size = new(golden.GetProperty("size")[0].GetInt32(), golden.GetProperty("size")[1].GetInt32()),
        Method = golden.TryGetProperty("method", out var method) ? Parse<ResizeMethod>(method.GetString()!) : ResizeMethod.LoadImg,
        Interpolation = Parse<Interpolation>(golden.GetProperty("interpolation").GetString()!),
        AspectRatio = Parse<AspectRatio>(golden.GetProperty("aspect_ratio").GetString()!),
        ColorMode = golden.TryGetProperty("color_mode", out var mode) ? Parse<ColorMode>(mode.GetString()!) : ColorMode.Rgb,
    };

    private static T Parse<T>(string name)
        where T : struct, Enum => Enum.Parse<T>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);

    private static RgbImage Picture(JsonElement golden)
    {
        var (height, width) = (golden.GetProperty("source")[0].GetInt32(), golden.GetProperty("source")[1].GetInt32());
        var pixels = new byte[height * width * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (y, x, c) = (i / 3 / width, i / 3 % width, i % 3);
            pixels[i] = (byte)((x * 37) + (y * 91) + (c * 59) + (x * y * (c + 3)));
        }
        return RgbImage.FromRgb24(width, height, pixels);
    }
}
