using System.Globalization;
using TransferKit.PublicApi.Tests;

namespace TransferKit.FeatureSets.Tests;

/// <summary>Creates a folder of small pictures, a folder for results, and sets of their features.</summary>
internal sealed class Pictures : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public Pictures(int count, int broken = 0)
    {
        Directory.CreateDirectory(Path);
        for (var i = 0; i < count; i++)
            Add(string.Create(CultureInfo.InvariantCulture, $"{i % 3}/{i:0000}.ppm"), (byte)i);
        for (var i = 0; i < broken; i++)
            File.WriteAllText(System.IO.Path.Combine(Path, $"broken{i}.jpg"), "no picture");
    }

    public string Path => _folder.File("pictures");

    public string Out(params string[] parts) => _folder.File(parts);

    /// <summary>Adds a picture of 8 x 8 pixels of one grey.</summary>
    public string Add(string name, byte grey)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, [.. "P6 8 8 255\n"u8, .. Enumerable.Repeat(grey, 192)]);
        return path;
    }

    public Task<FeatureSetReport> ExtractAsync(
        string name, FeatureSetOptions? options = null, Action? running = null, CancellationToken cancellationToken = default) =>
        ExtractAsync(Path, Out(name), options, running, cancellationToken);

    public static Task<FeatureSetReport> ExtractAsync(
        string pictures, string set, FeatureSetOptions? options = null, Action? running = null,
        CancellationToken cancellationToken = default) =>
        Extractor(running).ExtractSetAsync(pictures, set, options, cancellationToken: cancellationToken);

    public static FeatureExtractor Extractor(Action? running = null) =>
        new(new MeanColour { Running = running ?? (() => { }) }, new() { Recursive = true, BatchSize = 4 });

    /// <summary>Returns the files of a set with their bytes, in the order of their names.</summary>
    public IReadOnlyList<(string Name, string Bytes)> Bytes(string name) =>
    [
        .. Directory.EnumerateFiles(Out(name), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => (System.IO.Path.GetRelativePath(Out(name), f), Convert.ToBase64String(File.ReadAllBytes(f)))),
    ];

    public void Dispose() => _folder.Dispose();
}
