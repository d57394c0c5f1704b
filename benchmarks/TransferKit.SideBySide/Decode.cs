using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using TransferKit.Imaging.Decoding;
using TransferKit.Imaging.Jpeg;
using TransferKit.Imaging.Pictures;
using TransferKit.Imaging.Skia;

namespace TransferKit.SideBySide;

/// <summary>
/// Compares TransferKit's decoders with Skia's and Pillow's <c>Image.load</c>, in turn on one core, and compares the bytes. All times
/// are of the processor, so that other processes do not count.
/// </summary>
internal static class Decode
{
    private const int Turns = 7;
    private const int Files = 50;

    private const string Sequential = "sequential";

    // The script saves copies of the photos in other formats. For each folder name it prints milliseconds per photo and a hash of all
    // pixels.
    private const string Pillow = """
        import hashlib, io, os, sys, time
        from PIL import Image
        root, count = sys.argv[1], int(sys.argv[2])
        names = sorted(os.listdir(os.path.join(root, "photos")))[:count]
        kinds = {
            "progressive": ("JPEG", dict(quality=90, progressive=True)), "PNG": ("PNG", {}),
            "WebP": ("WEBP", dict(quality=90, method=0)), "lossless WebP": ("WEBP", dict(lossless=True, quality=0, method=0)),
        }
        for kind, (format, options) in kinds.items():
            os.mkdir(os.path.join(root, kind))
            for name in names:
                Image.open(os.path.join(root, "photos", name)).save(os.path.join(root, kind, name), format, **options)
        print("ready", flush=True)
        for line in sys.stdin:
            folder = os.path.join(root, line.strip())
            files = [open(os.path.join(folder, name), "rb").read() for name in names]
            start = time.process_time()
            for file in files:
                Image.open(io.BytesIO(file)).load()
            elapsed = time.process_time() - start
            pixels = hashlib.sha256()
            for file in files:
                pixels.update(Image.open(io.BytesIO(file)).convert("RGB").tobytes())
            print(elapsed / count * 1e3, pixels.hexdigest(), flush=True)
        """;

    private delegate void Decoder(byte[] jpeg, byte[] pixels, out int length);

    /// <summary>Runs the benchmark.</summary>
    /// <param name="python">The path of a Python with Pillow.</param>
    /// <param name="json">The path of a JSON file for the rows, or null for none.</param>
    public static void Run(string python, string? json)
    {
        using var photos = new Photos();
        var root = Path.GetDirectoryName(Path.GetDirectoryName(photos.Files[0])!)!;
        var command = new ProcessStartInfo(python, ["-c", Pillow, root, $"{Files}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var pillow = Process.Start(command)!;
        if (pillow.StandardOutput.ReadLine() != "ready")
            throw new InvalidOperationException($"{python} has no Pillow: name one that has (decode PYTHON).");
        var table = new Table(
            $"{Files} photos, 4:2:0, quality 90", "TransferKit, ms", "Skia, ms", "Pillow, ms", "Skia / TransferKit, median of turns",
            "Pillow / TransferKit", "bytes");
        foreach (var kind in new[] { Sequential, "progressive", "PNG", "WebP", "lossless WebP" })
        {
            var folder = kind == Sequential ? "photos" : kind;
            var paths = Directory.GetFiles(Path.Combine(root, folder)).Order(StringComparer.Ordinal).Take(Files);
            var files = paths.Select(File.ReadAllBytes).ToArray();
            var pixels = new byte[2000 * 1500 * 3];
            var (ours, skia, theirs, hash) = (new List<double>(), new List<double>(), new List<double>(), "");
            for (var turn = -2; turn < Turns; turn++)
            {
                var (mine, skias) = (Milliseconds(Own, files, pixels), Milliseconds(Skia, files, pixels));
                pillow.StandardInput.WriteLine(folder);
                var answer = pillow.StandardOutput.ReadLine()!.Split(' ');
                hash = answer[1];
                if (turn < 0)
                    continue;
                ours.Add(mine);
                skia.Add(skias);
                theirs.Add(double.Parse(answer[0], CultureInfo.InvariantCulture));
            }
            var isEqual = hash == Hash(Own, files, pixels) && hash == Hash(Skia, files, pixels);
            table.Add(
                kind, Speed.Median(ours), Speed.Median(skia), Speed.Median(theirs),
                Speed.Median(skia.Zip(ours, (s, o) => s / o)), Speed.Median(theirs.Zip(ours, (t, o) => t / o)),
                isEqual ? "equal" : "DIFFERENT");
        }
        pillow.StandardInput.Close();
        pillow.WaitForExit();
        table.Save(json);
    }

    private static double Milliseconds(Decoder decoder, byte[][] files, byte[] pixels)
    {
        var start = Environment.CpuUsage.TotalTime;
        foreach (var file in files)
            decoder(file, pixels, out _);
        return (Environment.CpuUsage.TotalTime - start).TotalMilliseconds / files.Length;
    }

    private static string Hash(Decoder decoder, byte[][] files, byte[] pixels)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            decoder(file, pixels, out var length);
            hash.AppendData(pixels, 0, length);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static unsafe void Own(byte[] photo, byte[] pixels, out int length)
    {
        if (ImageFormats.Recognise(photo) != ImageFormat.Jpeg)
        {
            Skia(photo, pixels, out length);
            return;
        }
        fixed (byte* bytes = photo)
        {
            using var picture = JpegPicture.Open(bytes, photo.Length, new())
                ?? throw new InvalidOperationException("A photo was left to Skia.");
            Read(picture, pixels, out length);
        }
    }

    private static unsafe void Skia(byte[] photo, byte[] pixels, out int length)
    {
        fixed (byte* bytes = photo)
        {
            using var picture = new SkiaPicture(ImageFormats.Recognise(photo), bytes, photo.Length, null, new(), wanted: null);
            Read(picture, pixels, out length);
        }
    }

    private static void Read<TPicture>(TPicture picture, byte[] pixels, out int length)
        where TPicture : IEncodedPicture
    {
        length = picture.Width * picture.Height * 3;
        var rows = new WholePicture(pixels.AsSpan(0, length));
        if (!picture.TryRead(ref rows, DecodeWatch.For(default)))
            throw new InvalidOperationException("A photo was left to Skia.");
    }
}
