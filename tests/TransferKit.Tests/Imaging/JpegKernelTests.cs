using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TransferKit.Imaging.Jpeg;

namespace TransferKit.Tests.Imaging;

public class JpegKernelTests
{
    private const int Blocks = 4;

    [Fact]
    public unsafe void Every_transform_gives_the_samples_of_the_definition()
    {
        var random = new Random(1);
        var near = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var blocks = Coefficients(random, random.Next(65), random.Next(1, random.Next(2) == 0 ? 60 : 1024));
            var expected = InverseDctDefinition.Transform(blocks, Blocks);
            var portable = Transform(PortableInverseDct.Transform, blocks);
            Assert.Equal(expected is null, portable is null);
            Assert.Equal(expected, portable);
            if (Avx2.IsSupported)
                Assert.Equal(expected, Transform(LanedInverseDct<Avx2Lanes, Vector256<short>>.Transform, blocks));
            if (Avx512Lanes.IsSupported)
                Assert.Equal(expected, Transform(LanedInverseDct<Avx512Lanes, Vector512<short>>.Transform, blocks));
            near += expected is null ? 0 : 1;
        }
        Assert.InRange(near, 5_000, 19_000);
    }

    [Fact]
    public unsafe void Every_conversion_gives_the_colours_of_the_definition()
    {
        byte[] y = new byte[256], cb = new byte[256], cr = new byte[256], rgb = new byte[768], expected = new byte[768];
        for (var i = 0; i < 256; i++)
            y[i] = (byte)i;
        for (var blue = 0; blue < 256; blue++)
        {
            for (var red = 0; red < 256; red++)
            {
                cb.AsSpan().Fill((byte)blue);
                cr.AsSpan().Fill((byte)red);
                for (var i = 0; i < 256; i++)
                {
                    expected[3 * i] = Clip(i + ((91881 * (red - 128) + 32768) >> 16));
                    expected[(3 * i) + 1] = Clip(i + ((-22554 * (blue - 128) - 46802 * (red - 128) + 32768) >> 16));
                    expected[(3 * i) + 2] = Clip(i + ((116130 * (blue - 128) + 32768) >> 16));
                }
                fixed (byte* first = y, second = cb, third = cr)
                {
                    RgbRow.Write<PortableYcc>(first, second, third, rgb);
                    Assert.True(expected.AsSpan().SequenceEqual(rgb));
                    if (Avx2.IsSupported)
                    {
                        Array.Clear(rgb);
                        RgbRow.Write<Avx2Ycc>(first, second, third, rgb);
                        Assert.True(expected.AsSpan().SequenceEqual(rgb));
                    }
                    if (Avx512YccRow.IsSupported)
                    {
                        Array.Clear(rgb);
                        fixed (byte* pixels = rgb)
                            Avx512YccRow.Write(first, second, third, pixels, rgb.Length / 3);
                        Assert.True(expected.AsSpan().SequenceEqual(rgb));
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData("EnableAVX2")]
    [InlineData("EnableHWIntrinsic")]
    public async Task Processors_without_vectors_give_the_same_pixels(string without)
    {
        using var child = ChildProcess.Start(DecodeAll, [], without: without);
        var error = await child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, error);
    }

    private static Task DecodeAll(string[] args)
    {
        Assert.False(Avx2.IsSupported);
        foreach (var made in GeneratedJpeg.Every.Where(j => !j.IsLeft))
        {
            var whole = JpegDecoders.Own(made.Content)!;
            Assert.Equal(made.PillowHash, GoldenImage.Sha256(whole));
            ImageSize wanted = (Math.Max(1, whole.Height / 2), Math.Max(1, whole.Width / 2));
            if (JpegDecoders.Own(made.Content, wanted) is { } half)
                Assert.Equal(GoldenImage.Sha256(JpegDecoders.Skia(made.Content, wanted)), GoldenImage.Sha256(half));
        }
        return Task.CompletedTask;
    }

    private static byte Clip(int value) => (byte)Math.Clamp(value, 0, 255);

    private static short[] Coefficients(Random random, int count, int largest)
    {
        var blocks = new short[Blocks * 64];
        for (var i = 0; i < blocks.Length; i += 64)
        {
            blocks[i] = (short)random.Next(-1300, 1301);
            for (var left = count; left > 0; left--)
                blocks[i + random.Next(1, 64)] = (short)random.Next(-largest, largest);
        }
        return blocks;
    }

    private unsafe delegate bool Transformation(short* blocks, int count, byte* samples, nint stride);

    private static unsafe byte[]? Transform(Transformation transformation, short[] blocks)
    {
        var samples = new byte[Blocks * 64];
        fixed (short* from = blocks)
        fixed (byte* to = samples)
            return transformation(from, Blocks, to, Blocks * 8) ? samples : null;
    }
}
