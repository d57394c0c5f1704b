using System.Diagnostics;
using SkiaSharp;

namespace TransferKit.SideBySide;

/// <summary>
/// Measures how soon a decoding ends whose time is over, for formats that a native library decodes. Times are those of the processor, so
/// that other processes do not count.
/// </summary>
internal static class Timeouts
{
    // Nearly what ImageDecodeOptions.ForUploads allows.
    private const int Side = 4990;
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(50);

    public static void Run()
    {
        var table = new Table("picture", "MB", "whole, ms", $"until its {Limit.TotalMilliseconds:0} ms are over, ms");
        foreach (var (content, noise) in new[] { ("noise", 255), ("faint noise", 3) })
        {
            using var picture = Noise(noise);
            Add($"PNG, {content}", picture.Encode(SKEncodedImageFormat.Png, 100));
            Add($"JPEG by Skia, cut off, {content}", picture.Encode(SKEncodedImageFormat.Jpeg, 95), damage: true);
            Add($"WebP, lossless, {content}", Lossless(picture));
            Add($"WebP, lossy, {content}", picture.Encode(SKEncodedImageFormat.Webp, 90));
        }

        void Add(string name, SKData data, bool damage = false)
        {
            using (data)
            {
                var file = data.ToArray();
                if (damage)
                    file = file[..^(file.Length / 10)];
                table.Add(name, file.Length / 1e6, Milliseconds(file, null), Milliseconds(file, Limit));
            }
        }
    }

    private static SKBitmap Noise(int strength)
    {
        var picture = new SKBitmap(new SKImageInfo(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var (random, pixels) = (new Random(1), new byte[Side * Side * 4]);
        random.NextBytes(pixels);
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(i % 4 == 3 ? 255 : pixels[i] & strength);
        System.Runtime.InteropServices.Marshal.Copy(pixels, 0, picture.GetPixels(), pixels.Length);
        return picture;
    }

    private static SKData Lossless(SKBitmap picture)
    {
        using var pixels = picture.PeekPixels();
        return pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 0))
            ?? throw new InvalidOperationException("Skia wrote no WebP.");
    }

    private static double Milliseconds(byte[] file, TimeSpan? timeout)
    {
        using var self = Process.GetCurrentProcess();
        GC.Collect();
        self.Refresh();
        var before = self.TotalProcessorTime;
        try
        {
            new SkiaImageDecoder().Decode(file, null, new() { Timeout = timeout });
        }
        catch (ImageDecodeException)
        {
        }
        self.Refresh();
        return (self.TotalProcessorTime - before).TotalMilliseconds;
    }
}
