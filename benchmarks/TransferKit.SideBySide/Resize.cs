using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using SkiaSharp;

namespace TransferKit.SideBySide;

/// <summary>
/// Compares a resize from 2,000 x 1,500 to 299 x 299 with Pillow's <c>Image.resize</c>, in turn on one core, and compares
/// the bytes. Both write into memory that they have used before, as for the pictures of a folder; a new image has new memory.
/// All times are of the processor, so that other processes do not count.
/// </summary>
internal static class Resize
{
    private const int Turns = 7;
    private const int Repeats = 30;
    private const int Width = 2000;
    private const int Height = 1500;
    private const int Side = 299;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    // For each filter name, the script prints milliseconds per resize and a hash of the result.
    private const string Pillow = """
        import hashlib, sys, time
        from PIL import Image
        image = Image.frombytes("RGB", (2000, 1500), open(sys.argv[1], "rb").read())
        for line in sys.stdin:
            filter = Image.Resampling[line.strip().upper()]
            start = time.process_time()
            for i in range(30):
                resized = image.resize((299, 299), filter)
            print((time.process_time() - start) / 30 * 1e3, hashlib.sha256(resized.tobytes()).hexdigest(), flush=True)
        """;

    /// <summary>Runs the benchmark.</summary>
    /// <param name="python">The path of a Python with Pillow.</param>
    /// <param name="json">The path of a JSON file for the rows, or null for none.</param>
    public static void Run(string python, string? json)
    {
        var rgb = Picture();
        var image = RgbImage.FromRgb24(Width, Height, rgb);
        var path = Path.GetTempFileName();
        File.WriteAllBytes(path, rgb);
        using var pillow = Process.Start(
            new ProcessStartInfo(python, ["-c", Pillow, path]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var table = new Table(
            "2,000 x 1,500 to 299 x 299", "TransferKit, ms", "Pillow, ms", "ratio, median of turns", "a new image, ms", "bytes");
        var target = new byte[Side * Side * 3];
        foreach (var filter in Enum.GetValues<Interpolation>().Where(f => f <= Interpolation.Lanczos))
        {
            // The warm-up lasts until the runtime has recompiled the code at its final tier.
            var resize = new ImageResize { Size = new(Side, Side), Interpolation = filter };
            for (var warm = Stopwatch.StartNew(); warm.Elapsed < WarmUp;)
                _ = Milliseconds(image, resize, target) + Milliseconds(image, filter);
            var (ours, theirs, created, hash) = (new List<double>(), new List<double>(), new List<double>(), "");
            for (var turn = -1; turn < Turns; turn++)
            {
                var (mine, whole) = (Milliseconds(image, resize, target), Milliseconds(image, filter));
                pillow.StandardInput.WriteLine(filter);
                var line = pillow.StandardOutput.ReadLine()
                    ?? throw new InvalidOperationException($"{python} has no Pillow: name one that has (resize PYTHON).");
                var answer = line.Split(' ');
                hash = answer[1];
                if (turn < 0)
                    continue;
                ours.Add(mine);
                created.Add(whole);
                theirs.Add(double.Parse(answer[0], CultureInfo.InvariantCulture));
            }
            var equal = hash == Convert.ToHexStringLower(SHA256.HashData(target));
            table.Add(
                filter, Speed.Median(ours), Speed.Median(theirs), Speed.Median(theirs.Zip(ours, (t, o) => t / o)),
                Speed.Median(created), equal ? "equal" : "DIFFERENT");
        }
        pillow.StandardInput.Close();
        pillow.WaitForExit();
        File.Delete(path);
        table.Save(json);
        AgainstBilinear(image);
    }

    /// <summary>
    /// Compares TensorFlow's bilinear resize with Pillow's, both by TransferKit, into the caller's memory: of a photo, of ImageNet's usual
    /// size, of a square that is a little too large, and of a picture that is too small.
    /// </summary>
    private static void AgainstBilinear(RgbImage photo)
    {
        var table = new Table("TransferKit", "way", "ms", "of load_img's bilinear, ms", "speed, median of turns");
        foreach (var (width, height, side) in new[] { (Width, Height, Side), (500, 375, 224), (256, 256, 224), (100, 75, 224) })
        {
            var image = photo.Resize(width, height, Interpolation.Bicubic);
            var plain = new ImageResize { Size = new(side, side), Interpolation = Interpolation.Bilinear };
            foreach (var aspect in Enum.GetValues<AspectRatio>())
            {
                var resize = plain with { Method = ResizeMethod.Resizing, AspectRatio = aspect };
                for (var warm = Stopwatch.StartNew(); warm.Elapsed < WarmUp;)
                    _ = Milliseconds(image, resize) + Milliseconds(image, plain);
                var (floats, bytes) = (new List<double>(), new List<double>());
                for (var turn = 0; turn < Turns; turn++)
                {
                    floats.Add(Milliseconds(image, resize));
                    bytes.Add(Milliseconds(image, plain));
                }
                table.Add(
                    $"{width} x {height} to {side} x {side}", aspect, Speed.Median(floats), Speed.Median(bytes),
                    Speed.Median(bytes.Zip(floats, (b, f) => b / f)));
            }
        }
    }

    private static double Milliseconds(RgbImage image, ImageResize resize) => Milliseconds(image, resize, new byte[resize.ByteCount]);

    private static double Milliseconds(RgbImage image, ImageResize resize, byte[] pixels)
    {
        var repeats = Repeats * Width * Height / Math.Max(image.Width * image.Height, resize.Size.Width * resize.Size.Height) / 4 + 1;
        var start = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < repeats; i++)
            image.Resize(resize, pixels, TransferKit.Imaging.Pictures.DecodeWatch.For(default));
        return (Environment.CpuUsage.TotalTime - start).TotalMilliseconds / repeats;
    }

    private static double Milliseconds(RgbImage image, Interpolation filter)
    {
        var start = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < Repeats; i++)
            image.Resize(Side, Side, filter);
        return (Environment.CpuUsage.TotalTime - start).TotalMilliseconds / Repeats;
    }

    private static byte[] Picture()
    {
        using var sample = SKBitmap.Decode(Photos.Samples.First());
        using var large = Photos.Scaled(sample, Width, Height);
        return [.. large.Pixels.SelectMany(p => new[] { p.Red, p.Green, p.Blue })];
    }
}
