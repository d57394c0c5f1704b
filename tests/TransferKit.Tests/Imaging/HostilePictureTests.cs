using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace TransferKit.Tests.Imaging;

/// <summary>Small files that claim much: what they cost is measured in a process of their own.</summary>
public class HostilePictureTests
{
    private const long Allowed = 100_000_000;
    private static readonly ImageDecodeOptions Turned = new() { ApplyExifOrientation = true };

    [Fact]
    public async Task Small_files_that_claim_much_cost_little_memory_however_often_they_come()
    {
        using var process = ChildProcess.Start(MeasureAsync, []);
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, error);
    }

    [Fact]
    public void A_resize_that_would_take_too_much_memory_is_refused_before_it_takes_any()
    {
        foreach (var name in new[] { "leak_7x15532037.webp", "mem_7x3170000.webp" })
        {
            var fitting = new ImageLoadOptions { Interpolation = Interpolation.Bicubic }.FittingTo(new(224, 224));
            var before = GC.GetAllocatedBytesForCurrentThread();
            var error = Assert.Throws<ImageDecodeException>(() => fitting.Load(Goldens.Path("cases", "hostile-pictures", name)));
            Assert.Equal(ImageDecodeError.TooLarge, error.Reason);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        }
    }

    /// <summary>The child's job: each picture five times, whole where that is small, and resized.</summary>
    private static Task MeasureAsync(string[] args)
    {
        string[] names =
            ["rocket.jpg", "made_cmyk.jpg", "chelsea.png", "made.webp", "multipage.tif", "no_time_for_that_tiny.gif", "made.bmp"];
        foreach (var name in names)
        {
            Outcome(File.ReadAllBytes(Goldens.Path("images", name)), isWhole: true);
        }
        var pictures = Pictures().ToList();
        using var process = Process.GetCurrentProcess();
        GC.Collect();
        process.Refresh();
        var before = process.PeakWorkingSet64;
        foreach (var (name, bytes, expected, isWhole) in pictures)
        {
            for (var time = 0; time < 5; time++)
            {
                var outcome = Outcome(bytes, isWhole);
                if (!expected.Contains(outcome, StringComparison.Ordinal))
                {
                    throw new InvalidOperationException($"{name}: {outcome} in place of {expected}.");
                }
            }
            process.Refresh();
            if (process.PeakWorkingSet64 - before > Allowed)
            {
                throw new InvalidOperationException($"{name}: {process.PeakWorkingSet64 - before:N0} bytes more than before.");
            }
        }
        return Task.CompletedTask;
    }

    private static string Outcome(byte[] bytes, bool isWhole)
    {
        try
        {
            if (isWhole)
            {
                new SkiaImageDecoder().Decode(bytes, null, Turned);
            }
            new ImageLoadOptions { Interpolation = Interpolation.Bicubic, Decode = Turned }.FittingTo(new(224, 224)).Load(bytes, null);
            return "pixels";
        }
        catch (ImageDecodeException e)
        {
            return e.Reason.ToString();
        }
    }

    private static IEnumerable<(string Name, byte[] Bytes, string Expected, bool IsWhole)> Pictures()
    {
        var cases = Goldens.Path("cases", "hostile-pictures");
        yield return (
            "a WebP whose canvas is 7 x 15,532,037", File.ReadAllBytes(Path.Combine(cases, "leak_7x15532037.webp")), "TooLarge", false);
        yield return (
            "a WebP whose canvas is 7 x 3,170,000", File.ReadAllBytes(Path.Combine(cases, "mem_7x3170000.webp")), "TooLarge", false);
        yield return (
            "a GIF of one pixel on a canvas of 13,377 x 13,377",
            File.ReadAllBytes(Path.Combine(cases, "gif_13377_tiny.gif")),
            "pixels",
            false);
        var smallGif = File.ReadAllBytes(Goldens.Path("pictures", "gif_plain.gif"));
        var frame = smallGif[^(smallGif.Length - smallGif.AsSpan().IndexOf((byte)','))..^1];
        yield return (
            "a GIF of 20,000 frames", [.. smallGif[..^1], .. Enumerable.Repeat(frame, 20_000).SelectMany(f => f), 0x3B], "pixels", true);
        byte[] wide = [.. smallGif];
        BinaryPrimitives.WriteUInt16LittleEndian(wide.AsSpan(smallGif.AsSpan().IndexOf((byte)',') + 5), 13_000);
        BinaryPrimitives.WriteUInt16LittleEndian(wide.AsSpan(smallGif.AsSpan().IndexOf((byte)',') + 7), 13_000);
        yield return ("a GIF whose frame claims 13,000 x 13,000", wide, "Truncated Corrupt", true);

        yield return ("a PNG that claims 13,000 x 13,000", Png(13_000, 13_000, Deflated(new byte[100])), "Truncated", true);
        yield return ("a PNG that claims 2,000,000,000 x 2", Png(2_000_000_000, 2, Deflated(new byte[100])), "TooLarge", true);
        var bomb = Deflated(new byte[200_000_000]);
        foreach (var type in new[] { "zTXt", "iCCP" })
        {
            byte[] text = [.. Encoding.Latin1.GetBytes("Raw profile type exif\0\0"), .. bomb];
            yield return ($"a PNG with 200 MB in {type}", Png(4, 4, Deflated(new byte[20]), Chunk(type, text)), "pixels", true);
        }
        var noData = Chunk("IDAT", []);
        byte[] empty = [.. Enumerable.Repeat(noData, 100_000).SelectMany(c => c)];
        yield return ("a PNG of 100,000 chunks of data", Png(4, 4, Deflated(new byte[20]), empty), "pixels Truncated Corrupt", true);
        byte[] control = [0, 0, 0x27, 0x10, 0, 0, 0, 0];
        byte[] frames = [.. Enumerable.Range(0, 10_000).SelectMany(
            i => Chunk("fcTL", [.. Big(i), .. Big(13_000), .. Big(13_000), .. new byte[14]]))];
        yield return (
            "an APNG of 10,000 frames", Png(4, 4, Deflated(new byte[20]), [.. Chunk("acTL", control), .. frames]), "pixels", true);

        yield return ("a BMP that claims 13,000 x 13,000", Bmp(13_000, 13_000, 24, 0), "Truncated", true);
        yield return ("a BMP of the lowest height", Bmp(1, int.MinValue, 24, 0), "TooLarge", true);
        yield return ("a BMP of absurd sides", Bmp(-1, -1, 8, 1), "TooLarge", true);
        yield return ("runs that claim 9,000 x 9,000", Bmp(9_000, 9_000, 8, 1), "Truncated", true);

        yield return (
            "a TIFF of 170,000,000 strips",
            Tiff((256, 1), (257, 170_000_000), (258, 8), (262, 1), (278, 1), (273, 8), (279, 1)),
            "Corrupt",
            true);
        yield return (
            "a TIFF that claims 13,000 x 13,000",
            Tiff((256, 13_000), (257, 13_000), (258, 8), (262, 1), (273, 8), (279, 1)),
            "Truncated Corrupt",
            true);
        yield return (
            "a TIFF of one giant tile",
            Tiff((256, 10), (257, 10), (258, 8), (262, 1), (322, 13_000), (323, 13_000), (324, 8), (325, 1)),
            "Corrupt",
            true);
        yield return (
            "a TIFF whose directory leads to itself", Tiff((256, 1), (257, 1), (258, 8), (262, 1), (273, 8), (279, 1)), "pixels", true);

        var webp = File.ReadAllBytes(Goldens.Path("pictures", "webp_frame_lossless.webp"));
        byte[] many = [.. webp, .. Enumerable.Repeat(webp[(webp.AsSpan().IndexOf("ANMF"u8))..], 5_000).SelectMany(f => f)];
        BinaryPrimitives.WriteInt32LittleEndian(many.AsSpan(4), many.Length - 8);
        yield return ("a WebP of 5,000 frames", many, "pixels", true);
        byte[] outside = [.. webp];
        outside[webp.AsSpan().IndexOf("ANMF"u8) + 8] = 200;
        yield return ("a WebP whose frame lies outside", outside, "Corrupt", true);

        var jpeg = File.ReadAllBytes(Goldens.Path("jpegs", "420_progressive.jpg"));
        yield return ("a JPEG that claims 65,500 x 65,500", Claiming(jpeg, 65_500), "TooLarge", true);
        yield return ("a progressive JPEG that claims 13,000 x 13,000", Claiming(jpeg, 13_000), "Truncated", true);
        yield return (
            "a JPEG that claims 13,000 x 13,000",
            Claiming(File.ReadAllBytes(Goldens.Path("jpegs", "420_optimize.jpg")), 13_000),
            "Truncated",
            true);
        var scan = jpeg.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        byte[] scans = [.. jpeg[..^2], .. Enumerable.Repeat(jpeg[scan..^2], 20_000).SelectMany(s => s), 0xFF, 0xD9];
        yield return ("a JPEG of 20,000 scans", scans, "TooLarge", true);
        // A directory whose only entry is the place of another, which is itself.
        byte[] exif = [.. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x87, 0x69, 0, 4, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 8];
        byte[] segment = [0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif];
        yield return (
            "a JPEG whose EXIF leads to itself",
            [.. jpeg[..2], .. Enumerable.Repeat(segment, 1000).SelectMany(s => s), .. jpeg[2..]],
            "pixels",
            true);
    }

    private static byte[] Claiming(byte[] jpeg, int side)
    {
        byte[] claiming = [.. jpeg];
        var bytes = claiming.AsSpan();
        var frame = Math.Max(
            bytes.IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0, 0, 17]), bytes.IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC2, 0, 17]));
        BinaryPrimitives.WriteUInt16BigEndian(claiming.AsSpan(frame + 5), (ushort)side);
        BinaryPrimitives.WriteUInt16BigEndian(claiming.AsSpan(frame + 7), (ushort)side);
        return claiming;
    }

    private static byte[] Png(int width, int height, byte[] data, byte[]? more = null) =>
    [
        0x89, .. "PNG\r\n\u001A\n"u8, .. Chunk("IHDR", [.. Big(width), .. Big(height), 8, 0, 0, 0, 0]), .. more ?? [],
        .. Chunk("IDAT", data), .. Chunk("IEND", []),
    ];

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] body = [.. Encoding.Latin1.GetBytes(type), .. data];
        return [.. Big(data.Length), .. body, .. Big((int)Crc32.HashToUInt32(body))];
    }

    private static byte[] Big(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Deflated(byte[] data)
    {
        using var deflated = new MemoryStream();
        using (var stream = new ZLibStream(deflated, CompressionLevel.Optimal, leaveOpen: true))
        {
            stream.Write(data);
        }
        return deflated.ToArray();
    }

    private static byte[] Bmp(int width, int height, short bits, int compression)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("BM"u8);
        writer.Write(0);
        writer.Write(0);
        writer.Write(54 + 1024);
        writer.Write(40);
        writer.Write(width);
        writer.Write(height);
        writer.Write((short)1);
        writer.Write(bits);
        writer.Write(compression);
        writer.Write(new byte[20 + 1024 + 16]);
        return stream.ToArray();
    }

    /// <summary>A TIFF whose second directory is its first.</summary>
    private static byte[] Tiff(params (short Tag, int Value)[] entries)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("II*\0"u8);
        writer.Write(8);
        writer.Write((short)entries.Length);
        foreach (var (tag, value) in entries)
        {
            writer.Write(tag);
            writer.Write((short)4);
            writer.Write(1);
            writer.Write(value);
        }
        writer.Write(8);
        return stream.ToArray();
    }
}
