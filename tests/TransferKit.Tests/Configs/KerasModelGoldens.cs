using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace TransferKit.Tests.Configs;

/// <summary>Reads <c>tests/goldens/keras-models</c>: whole models that Keras saved, and what Keras predicts with them.</summary>
internal static class KerasModelGoldens
{
    private static readonly Lazy<JsonElement> Expected = new(() =>
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path("expected.json")));
        return json.RootElement.Clone();
    });

    private static readonly Lazy<string> Unpacked = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("keras-models");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        foreach (var packed in Directory.GetFiles(Goldens.Path("keras-models"), "*.h5.gz"))
        {
            using var from = new GZipStream(File.OpenRead(packed), CompressionMode.Decompress);
            using var to = File.Create(System.IO.Path.Combine(folder.FullName, System.IO.Path.GetFileNameWithoutExtension(packed)));
            from.CopyTo(to);
        }
        return folder.FullName;
    });

    public static string Path(string file) => file.EndsWith(".h5", StringComparison.Ordinal)
        ? System.IO.Path.Combine(Unpacked.Value, file)
        : Goldens.Path("keras-models", file);

    public static IEnumerable<string> Files => Expected.Value.EnumerateObject()
        .SelectMany(m => (string[])[m.Name + ".keras", m.Name + ".h5"])
        .Where(f => File.Exists(Path(f)));

    public static ImageSize Size(string file)
    {
        var size = Of(file).GetProperty("input");
        return (size[0].GetInt32(), size[1].GetInt32());
    }

    /// <summary>Gets the two pictures that Keras was given.</summary>
    public static byte[] Pixels(string file)
    {
        var (height, width) = (Size(file).Height, Size(file).Width);
        return [.. Enumerable.Range(0, 2 * height * width * 3).Select(i => (byte)((i * 37L + 11) % 256))];
    }

    public static IEnumerable<(string Layer, int[] Shape, float[] Values)> Outputs(string file) =>
        Of(file).GetProperty("outputs").EnumerateArray().Select(o => (
            o.GetProperty("layer").GetString()!,
            o.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32()).ToArray(),
            MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(o.GetProperty("values").GetString()!)).ToArray()));

    /// <summary>Writes an archive again with another configuration, or none, and with one more member.</summary>
    public static void Change(string file, string path, Func<string, string?> change, string? extra = null)
    {
        using var from = ZipFile.OpenRead(Path(file));
        using var to = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var member in from.Entries)
        {
            using var content = new MemoryStream();
            using (var stream = member.Open())
                stream.CopyTo(content);
            var bytes = content.ToArray();
            if (member.Name == "config.json")
            {
                if (change(Encoding.UTF8.GetString(bytes)) is not { } config)
                    continue;
                bytes = Encoding.UTF8.GetBytes(config);
            }
            using var target = to.CreateEntry(member.FullName).Open();
            target.Write(bytes);
        }
        if (extra is not null)
        {
            using var target = to.CreateEntry(extra).Open();
            target.Write("climbs"u8);
        }
    }

    private static JsonElement Of(string file) => Expected.Value.GetProperty(System.IO.Path.GetFileNameWithoutExtension(file));
}
