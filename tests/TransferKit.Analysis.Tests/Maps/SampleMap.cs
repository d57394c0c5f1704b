using TransferKit.PublicApi.Tests;

namespace TransferKit.Analysis.Tests.Maps;

/// <summary>Provides a map of small pictures in three folders, whose features are three heaps. One name is an attack on the page.</summary>
internal static class SampleMap
{
    public const int Count = 60;
    public const string Attack = "dogs/</script><img src=x onerror=\"document.title='hacked'\">&\u202Egpj.ppm";

    private static readonly string[] Folders = ["cats", "dogs", "owls"];

    public static FeatureMap Map { get; } = FeatureMap.Compute(Table());

    /// <summary>Writes a picture for each name but two: that of the attack, and a damaged one.</summary>
    public static string WritePictures(TemporaryFolder folder)
    {
        for (var i = 0; i < Count; i++)
        {
            if (Map.Names[i] == Attack)
                continue;
            var path = folder.File("photos", Map.Names[i]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            byte[] pixels = [.. Enumerable.Range(0, 192).Select(p => (byte)(p % 3 == i % 3 ? 200 : 4 * i))];
            File.WriteAllBytes(path, i == 0 ? [1, 2, 3] : [.. "P6 8 8 255\n"u8, .. pixels]);
        }
        return folder.File("photos");
    }

    private static FeatureTable Table()
    {
        var random = new Random(3);
        string[] names = [.. Enumerable.Range(0, Count).Select(i => i == 1 ? Attack : $"{Folders[i % 3]}/{i}.ppm")];
        float[] features = [.. Enumerable.Range(0, Count)
            .SelectMany(i => Enumerable.Range(0, 6).Select(d => (d == i % 3 ? 8 : 0) + random.NextSingle()))];
        return FeatureTable.Of(names, features);
    }
}
