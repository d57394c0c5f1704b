using System.Runtime.InteropServices;
using SkiaSharp;

namespace TransferKit.SideBySide;

/// <summary>
/// Creates a folder of photos from the sample pictures: JPEGs of quality 90, 4:2:0, 1,000 to 2,000 pixels wide, four to
/// three. Beyond 200 photos, the others are hard links to them.
/// </summary>
internal sealed class Photos : IDisposable
{
    private const int Different = 200;
    private readonly string _root = Directory.CreateTempSubdirectory("transferkit-photos-").FullName;

    public Photos()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, "photos")).FullName;
        Files = [.. Enumerable.Range(0, Different).Select(i => Path.Combine(folder, $"{i:000}.jpg"))];
        var samples = Samples.Select(SKBitmap.Decode).ToArray();
        for (var i = 0; i < Files.Count; i++)
        {
            var width = 1000 + i * 53 % 1000;
            using var photo = Scaled(samples[i % samples.Length], width, width * 3 / 4);
            using var jpeg = photo.Encode(SKEncodedImageFormat.Jpeg, 90);
            File.WriteAllBytes(Files[i], jpeg.ToArray());
        }
        foreach (var sample in samples)
            sample.Dispose();
    }

    public IReadOnlyList<string> Files { get; }

    /// <summary>Creates a folder of the given number of photos.</summary>
    public string Folder(int count)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, $"{count}")).FullName;
        for (var i = 0; i < count; i++)
        {
            // Hard links take no space, and opening them resolves no path as with symbolic links.
            if (Link(Files[i % Different], Path.Combine(folder, $"{i:00000}.jpg")) != 0)
                throw new IOException($"No link can be made in {folder}.");
        }
        return folder;
    }

    /// <summary>Creates a hard link and returns 0.</summary>
    [DllImport("libc", EntryPoint = "link", BestFitMapping = false)]
    public static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string file, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    public static SKBitmap Scaled(SKBitmap picture, int width, int height) =>
        picture.Resize(
            new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque), new SKSamplingOptions(SKCubicResampler.Mitchell));

    /// <summary>Gets the paths of the repository's sample pictures.</summary>
    public static IEnumerable<string> Samples
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!Directory.Exists(Path.Combine(folder, "docs", "samples", "pictures")))
            {
                folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException(
                    "The pictures of docs/samples/pictures are needed: run this from a checkout.");
            }
            return Directory.GetFiles(Path.Combine(folder, "docs", "samples", "pictures")).Order(StringComparer.Ordinal);
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
