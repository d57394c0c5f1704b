using System.Buffers.Binary;
using System.IO.Hashing;

namespace TransferKit.Tests.Imaging;

public class OrientationTests
{
    private static readonly SkiaImageDecoder Decoder = new();
    private static readonly ImageDecodeOptions Upright = new() { ApplyExifOrientation = true };

    public static TheoryData<int> Orientations => [.. Enumerable.Range(1, 8)];

    [Theory]
    [MemberData(nameof(Orientations))]
    public void A_jpeg_is_turned_upright_when_asked(int orientation)
    {
        var plain = GoldenImage.Of("rocket.jpg").Decode();
        var bytes = GoldenImage.Of("rocket.jpg").Bytes();
        byte[] segment = [.. "Exif\0\0"u8, .. Exif(orientation)];
        byte[] turned = [.. bytes[..2], 0xFF, 0xE1, 0, (byte)(segment.Length + 2), .. segment, .. bytes[2..]];

        AssertSame(plain, Decoder.Decode(turned, null, new ImageDecodeOptions()));
        AssertSame(Transposed(plain, orientation), Decoder.Decode(turned, null, Upright));
    }

    [Theory]
    [MemberData(nameof(Orientations))]
    public void A_png_is_turned_upright_when_asked(int orientation)
    {
        var plain = GoldenImage.Of("chelsea.png").Decode();
        var bytes = GoldenImage.Of("chelsea.png").Bytes();
        const int afterHeader = 33;
        byte[] turned = [.. bytes[..afterHeader], .. Chunk("eXIf"u8, Exif(orientation)), .. bytes[afterHeader..]];

        AssertSame(plain, Decoder.Decode(turned, null, new ImageDecodeOptions()));
        AssertSame(Transposed(plain, orientation), Decoder.Decode(turned, null, Upright));
    }

    [Fact]
    public void The_golden_with_orientation_6_stands_on_its_side_until_asked()
    {
        var golden = GoldenImage.Of("made_exif_orientation_6.jpg");
        var lying = golden.Decode();
        var standing = Decoder.Decode(golden.Bytes(), null, Upright);
        Assert.Equal((640, 427), (lying.Width, lying.Height));
        Assert.Equal((427, 640), (standing.Width, standing.Height));
        AssertSame(Transposed(lying, 6), standing);

        var fitting = new ImageLoadOptions { Interpolation = Interpolation.Bicubic, Decode = Upright }.FittingTo(new(50, 40));
        Assert.Equal(standing.Resize(40, 50, Interpolation.Bicubic).Pixels.ToArray(), fitting.Load(golden.Bytes(), golden.Name));
    }

    /// <summary>Defines the positions of row 0 and column 0 of the stored image in the upright one, as EXIF does.</summary>
    private static RgbImage Transposed(RgbImage image, int orientation)
    {
        int w = image.Width, h = image.Height;
        var (width, height) = orientation >= 5 ? (h, w) : (w, h);
        var pixels = new byte[w * h * 3];
        for (var y = 0; y < h; y++)
        {
            for (var x = 0; x < w; x++)
            {
                var (toX, toY) = orientation switch
                {
                    2 => (w - 1 - x, y),
                    3 => (w - 1 - x, h - 1 - y),
                    4 => (x, h - 1 - y),
                    5 => (y, x),
                    6 => (h - 1 - y, x),
                    7 => (h - 1 - y, w - 1 - x),
                    8 => (y, w - 1 - x),
                    _ => (x, y),
                };
                image.Pixels.Span.Slice(((y * w) + x) * 3, 3).CopyTo(pixels.AsSpan(((toY * width) + toX) * 3));
            }
        }
        return RgbImage.FromRgb24(width, height, pixels);
    }

    /// <summary>Creates a big-endian directory with the orientation as its only entry.</summary>
    private static byte[] Exif(int orientation) =>
    [
        .. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0,
    ];

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] data)
    {
        byte[] checkedPart = [.. type, .. data];
        var chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        checkedPart.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(data.Length + 8), Crc32.HashToUInt32(checkedPart));
        return chunk;
    }

    private static void AssertSame(RgbImage expected, RgbImage actual)
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        Assert.True(expected.Pixels.Span.SequenceEqual(actual.Pixels.Span));
    }
}
