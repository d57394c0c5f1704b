using System.Buffers.Binary;
using System.Globalization;

namespace TransferKit.Tests.Imaging;

/// <summary>Compares the table of memory in docs/images.md with what decoding takes, in a process of its own.</summary>
public class DecodeMemoryTests
{
    private const int Width = 3000;
    private const int Height = 2000;

    // Megabytes of small objects wait for the garbage collector.
    private const double Tolerance = 0.95;

    private static readonly Dictionary<string, string[]> Kinds = new()
    {
        ["sequential JPEG, GIF, BMP, PPM"] = ["sequential.jpg", "plain.gif", "24 bits.bmp", "binary.ppm"],
        ["interlaced GIF, BMP of runs"] = ["interlaced.gif", "runs.bmp"],
        ["progressive JPEG of 4:2:0"] = ["progressive_420.jpg"],
        ["progressive JPEG of 4:4:4"] = ["progressive_444.jpg"],
        ["TIFF in strips"] = ["deflate.tif", "cmyk.tif"],
        ["PNG"] = ["plain.png"],
        ["interlaced PNG"] = ["interlaced.png"],
        ["lossy WebP"] = ["lossy.webp"],
        ["lossless WebP"] = ["lossless.webp"],
    };

    private static readonly Dictionary<string, string> Small = new()
    {
        [".jpg"] = "rocket.jpg",
        [".png"] = "made_alpha.png",
        [".gif"] = "no_time_for_that_tiny.gif",
        [".bmp"] = "made.bmp",
        [".tif"] = "multipage.tif",
        [".webp"] = "made.webp",
        [".ppm"] = "../pictures/p3.ppm",
    };

    public static TheoryData<string, string, int, int> Pictures()
    {
        var rows = Rows().ToDictionary(r => r.Kind);
        Assert.Equal(Kinds.Keys.Order(), rows.Keys.Order());
        return [.. Kinds.SelectMany(k => k.Value.Select(name => (k.Key, name, rows[k.Key].Whole, rows[k.Key].Resized)))];
    }

    [Theory]
    [MemberData(nameof(Pictures))]
    public async Task Decoding_takes_the_memory_that_the_table_says(string kind, string name, int whole, int resized)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells the peak of a process' memory and sets it back.");
        using var child = ChildProcess.Start(MeasureAsync, [name, $"{whole}", $"{resized}"]);
        var error = await child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, $"{kind}: {error}");
    }

    // Buffers stay with the process. The second decoding uses those of the first, so its peak is compared with what the first began with.
    private static Task MeasureAsync(string[] args)
    {
        var (name, whole, resized) = (args[0], Number(args[1]), Number(args[2]));
        var fitting = new ImageLoadOptions { Interpolation = Interpolation.Bilinear }.FittingTo(new(224, 224));
        var small = File.ReadAllBytes(Goldens.Path("images", Small[Path.GetExtension(name)]));
        fitting.Load(small, null);
        var bytes = Content(name);
        GC.Collect(2, GCCollectionMode.Aggressive);
        File.WriteAllText("/proc/self/clear_refs", "5");
        var before = Peak();

        fitting.Load(bytes, null);
        Compare("resized", resized, 0);
        GC.Collect(2, GCCollectionMode.Aggressive);
        new SkiaImageDecoder().Decode(bytes, null, new());
        Compare("whole", whole, 3);
        return Task.CompletedTask;

        void Compare(string way, int stated, int result)
        {
            var taken = ((Peak() - before) / (double)(Width * Height)) - result;
            var isRight = Math.Abs(taken - stated) <= Tolerance;
            Assert.True(isRight, string.Create(CultureInfo.InvariantCulture, $"{name}, {way}: {taken:0.00} bytes a pixel, not {stated}"));
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static long Peak()
    {
        var line = File.ReadLines("/proc/self/status").Single(l => l.StartsWith("VmHWM", StringComparison.Ordinal));
        return 1024L * Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    private static byte[] Content(string name) => name switch
    {
        "24 bits.bmp" => [.. BmpHeader(bits: 24, compression: 0, colours: 0), .. new byte[Width * Height * 3]],
        "runs.bmp" => BmpOfRuns(),
        "binary.ppm" => [.. System.Text.Encoding.ASCII.GetBytes($"P6\n{Width} {Height}\n255\n"), .. new byte[Width * Height * 3]],
        _ => File.ReadAllBytes(Goldens.Path("memory", name)),
    };

    private static IEnumerable<(string Kind, int Whole, int Resized)> Rows() =>
        File.ReadLines(Goldens.Path("..", "..", "docs", "images.md"))
            .SkipWhile(l => !l.StartsWith("| format | whole |", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(l => l.StartsWith('|')).Select(l => l.Split('|', StringSplitOptions.TrimEntries))
            .Select(c => (c[1], Number(c[2]), Number(c[3])));

    // A run has at most 255 pixels; two zeros end a row.
    private static byte[] BmpOfRuns()
    {
        List<byte> row = [];
        for (var left = Width; left > 0; left -= 255)
            row.AddRange([(byte)Math.Min(left, 255), 0]);
        row.AddRange([0, 0]);
        var rows = Enumerable.Repeat(row, Height).SelectMany(r => r);
        return [.. BmpHeader(bits: 8, compression: 1, colours: 1), 50, 100, 200, 0, .. rows, 0, 1];
    }

    private static byte[] BmpHeader(int bits, int compression, int colours)
    {
        var header = new byte[54];
        "BM"u8.CopyTo(header);
        int[] fields = [54 + (colours * 4), 40, Width, Height, 1 | (bits << 16), compression, 0, 0, 0, colours];
        foreach (var (i, field) in fields.Index())
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(10 + (i * 4)), field);
        return header;
    }
}
