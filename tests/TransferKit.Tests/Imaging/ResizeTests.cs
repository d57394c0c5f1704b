using System.Runtime.Intrinsics.X86;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using TransferKit.Imaging.Resizing;

namespace TransferKit.Tests.Imaging;

public class ResizeTests
{
    private static readonly Interpolation[] Weighted =
        [Interpolation.Box, Interpolation.Bilinear, Interpolation.Hamming, Interpolation.Bicubic, Interpolation.Lanczos];

    private static readonly Interpolation[] PillowFilters = [Interpolation.Nearest, .. Weighted];

    [Property(MaxTest = 300)]
    public Property Every_kernel_gives_the_same_bytes() => Prop.ForAll(
        Gen.Choose(1, 80).Four().Zip(Gen.Elements(Weighted)).Zip(Gen.Choose(0, int.MaxValue)).ToArbitrary(),
        input =>
        {
            var (((width, height, targetWidth, targetHeight), filter), seed) = input;
            var source = RandomBytes(width * height * 3, seed);
            var scalar = new byte[targetWidth * targetHeight * 3];
            var vector = new byte[scalar.Length];
            Resize<ScalarKernel>(source, width, height, scalar, targetWidth, targetHeight, filter);
            Resize<Vector128Kernel>(source, width, height, vector, targetWidth, targetHeight, filter);
            Assert.Equal(scalar, vector);
            if (Avx2.IsSupported)
            {
                Array.Clear(vector);
                Resize<Avx2Kernel>(source, width, height, vector, targetWidth, targetHeight, filter);
                Assert.Equal(scalar, vector);
            }
            if (AvxVnni.IsSupported)
            {
                Array.Clear(vector);
                Resize<VnniKernel>(source, width, height, vector, targetWidth, targetHeight, filter);
                Assert.Equal(scalar, vector);
            }
        });

    [Property(MaxTest = 300)]
    public Property Rows_may_come_some_at_a_time() => Prop.ForAll(
        Gen.Choose(1, 80).Four().Zip(Gen.Elements(PillowFilters)).Zip(Gen.Choose(0, int.MaxValue)).ToArbitrary(),
        input =>
        {
            var (((width, height, targetWidth, targetHeight), filter), seed) = input;
            var source = RandomBytes(width * height * 3, seed);
            var inParts = new byte[targetWidth * targetHeight * 3];
            using var resizer = Resizer.Create(
                width, height, new() { Size = new(targetHeight, targetWidth), Interpolation = filter }, null);
            var random = new Random(seed);
            for (int y = 0, rows; y < height; y += rows)
            {
                rows = random.Next(1, Math.Min(20, height - y) + 1);
                resizer.Add(source.AsSpan(y * width * 3, rows * width * 3), inParts);
            }
            Assert.Equal(RgbImage.FromRgb24(width, height, source).Resize(targetWidth, targetHeight, filter).Pixels.Span, inParts);
        });

    [Property(MaxTest = 100)]
    public Property A_plain_colour_stays_that_colour() => Prop.ForAll(
        Gen.Choose(1, 60).Four().Zip(Gen.Elements(PillowFilters)).ToArbitrary(),
        input =>
        {
            var ((width, height, targetWidth, targetHeight), filter) = input;
            var pixels = new byte[width * height * 3];
            for (var i = 0; i < pixels.Length; i += 3)
            {
                (pixels[i], pixels[i + 1], pixels[i + 2]) = (255, 0, 100);
            }
            var resized = RgbImage.FromRgb24(width, height, pixels).Resize(targetWidth, targetHeight, filter).Pixels.Span;
            Assert.Equal(targetWidth * targetHeight * 3, resized.Length);
            for (var i = 0; i < resized.Length; i += 3)
            {
                Assert.Equal([255, 0, 100], resized.Slice(i, 3).ToArray());
            }
        });

    [Theory]
    [InlineData(Interpolation.Bicubic)]
    [InlineData(Interpolation.Lanczos)]
    public void A_very_wide_filter_is_still_exact(Interpolation filter)
    {
        var source = RandomBytes(40_000 * 3, 7);
        var scalar = new byte[3 * 2 * 3];
        var chosen = new byte[scalar.Length];
        Resize<ScalarKernel>(source, 40_000, 1, scalar, 3, 2, filter);
        RgbImage.FromRgb24(40_000, 1, source).Resize(3, 2, filter).Pixels.CopyTo(chosen);
        Assert.Equal(scalar, chosen);
    }

    [Fact]
    public void Resizing_leaves_the_source_as_it_was()
    {
        var pixels = RandomBytes(30 * 20 * 3, 1);
        var before = pixels.ToArray();
        foreach (var filter in PillowFilters)
        {
            RgbImage.FromRgb24(30, 20, pixels).Resize(17, 41, filter);
        }
        Assert.Equal(before, pixels);
    }

    [Fact]
    public void The_same_size_is_the_same_image()
    {
        var image = RgbImage.FromRgb24(5, 4, new byte[60]);
        Assert.Same(image, image.Resize(5, 4, Interpolation.Lanczos));
    }

    [Fact]
    public void Raw_pixels_are_wrapped_not_copied()
    {
        var pixels = RandomBytes(2 * 3 * 3, 1);
        Assert.Equal<ReadOnlyMemory<byte>>(pixels, RgbImage.FromRgb24(2, 3, pixels).Pixels);
    }

    [Fact]
    public void Misuse_is_refused()
    {
        Assert.Throws<ArgumentException>(() => RgbImage.FromRgb24(2, 2, new byte[11]));
        Assert.Throws<ArgumentOutOfRangeException>(() => RgbImage.FromRgb24(0, 2, default));
        var image = RgbImage.FromRgb24(1, 1, new byte[3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Resize(0, 1, Interpolation.Box));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Resize(50_000, 50_000, Interpolation.Box));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Resize(2, 2, (Interpolation)17));
    }

    private static void Resize<TKernel>(
        byte[] source, int width, int height, byte[] target, int targetWidth, int targetHeight, Interpolation filter)
        where TKernel : IResampleKernel
    {
        using var resampler = Resampler<TKernel>.For(
            ResampleAxis.Whole(width, targetWidth), ResampleAxis.Whole(height, targetHeight), filter);
        resampler.Add(source, target);
    }

    private static byte[] RandomBytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
