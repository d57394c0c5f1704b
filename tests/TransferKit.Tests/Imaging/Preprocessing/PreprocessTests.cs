using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using TransferKit.Imaging.Preprocessing;

namespace TransferKit.Tests.Imaging.Preprocessing;

public class PreprocessTests
{
    private static readonly JsonElement Golden =
        JsonDocument.Parse(File.ReadAllBytes(Goldens.Path("preprocess.json"))).RootElement;

    public static TheoryData<PreprocessMode> Modes => [.. Enum.GetValues<PreprocessMode>()];

    [Theory]
    [InlineData(PreprocessMode.Caffe, "caffe")]
    [InlineData(PreprocessMode.Tf, "tf")]
    [InlineData(PreprocessMode.Torch, "torch")]
    [InlineData(PreprocessMode.None, "pixels_rgb_hwc")]
    public void Values_are_Keras_to_the_bit(PreprocessMode mode, string golden)
    {
        Assert.Equal(Floats(golden), Preprocess.Apply(Floats("pixels_rgb_hwc"), mode));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_input_is_never_written_to(PreprocessMode mode)
    {
        var pixels = Floats("pixels_rgb_hwc");
        Preprocess.Apply(pixels, mode);
        Preprocess.ToPlanar(pixels, new float[9], 1, 1, 3, mode);
        Assert.Equal(Floats("pixels_rgb_hwc"), pixels);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_destination_may_be_the_input(PreprocessMode mode)
    {
        var pixels = Floats("pixels_rgb_hwc");
        var expected = Preprocess.Apply(pixels, mode);
        Preprocess.Apply(pixels, pixels, mode);
        Assert.Equal(expected, pixels);
    }

    [Property(MaxTest = 200)]
    public Property Planes_hold_what_preprocessing_alone_gives() => Prop.ForAll(
        Gen.Choose(1, 3).Zip(Gen.Choose(1, 40)).Zip(Gen.Choose(1, 40)).Zip(Gen.Elements(Enum.GetValues<PreprocessMode>()))
            .ToArbitrary(),
        input =>
        {
            var (((n, height), width), mode) = input;
            var bytes = new byte[n * height * width * 3];
            new Random(width).NextBytes(bytes);
            var floats = bytes.Select(b => (float)b).ToArray();
            var interleaved = Preprocess.Apply(floats, mode);
            var area = height * width;
            var expected = new float[bytes.Length];
            for (var i = 0; i < bytes.Length; i++)
            {
                var (pixel, channel) = (i / 3, i % 3);
                expected[(((pixel / area * 3) + channel) * area) + (pixel % area)] = interleaved[i];
            }
            var planar = new float[bytes.Length];
            Preprocess.ToPlanar(bytes, planar, n, height, width, mode);
            Assert.Equal(expected, planar);
            Array.Clear(planar);
            Preprocess.ToPlanar(floats, planar, n, height, width, mode);
            Assert.Equal(expected, planar);
        });

    [Fact]
    public void Every_vector_width_gives_the_same_bits()
    {
        for (var area = 1; area < 60; area++)
        {
            // The input covers every level in every channel, and floats between levels.
            var bytes = Enumerable.Range(0, area * 3).Select(i => (byte)(i * 7 + area)).ToArray();
            var floats = bytes.Select(b => b + 0.37f).ToArray();
            Compare<byte, CaffeMode>(bytes, area);
            Compare<byte, TfMode>(bytes, area);
            Compare<byte, TorchMode>(bytes, area);
            Compare<float, NoMode>(floats, area);
            Compare<float, TfMode>(floats, area);
            Compare<float, TorchMode>(floats, area);
        }
    }

    [Fact]
    public void Misuse_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Preprocess.Apply(new float[4], PreprocessMode.Tf));
        Assert.Throws<ArgumentException>(() => Preprocess.Apply(new float[3], new float[6], PreprocessMode.Tf));
        var memory = new float[9];
        Assert.Throws<ArgumentException>(() => Preprocess.Apply(memory.AsSpan(0, 6), memory.AsSpan(3, 6), PreprocessMode.Tf));
        Assert.Throws<ArgumentOutOfRangeException>(() => Preprocess.Apply(memory, (PreprocessMode)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => Preprocess.ToPlanar(memory, memory, 1, 2, 2, PreprocessMode.Tf));
    }

    private static void Compare<T, TMode>(T[] rgb, int area)
        where T : unmanaged
        where TMode : IChannelArithmetic
    {
        var (one, four, eight) = (new float[rgb.Length], new float[rgb.Length], new float[rgb.Length]);
        Planar.Write<T, TMode>(rgb, one, area, 1);
        Planar.Write<T, TMode>(rgb, four, area, 4);
        Planar.Write<T, TMode>(rgb, eight, area, 8);
        Assert.Equal(one, four);
        Assert.Equal(one, eight);
    }

    private static float[] Floats(string name) =>
        [.. Golden.GetProperty(name).EnumerateArray().SelectMany(row => row.EnumerateArray())
            .SelectMany(pixel => pixel.EnumerateArray()).Select(value => value.GetSingle())];
}
