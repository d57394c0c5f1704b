using System.Collections.Frozen;
using System.Text.Json;

namespace TransferKit.WeightSources;

/// <summary>One of Keras' published weight files: where it comes from, what it is called in Keras' cache, and its hash.</summary>
internal sealed record CatalogEntry
{
    public required string File { get; init; }
    public required Uri Url { get; init; }

    /// <summary>Keras' folder under its home: <c>models</c>.</summary>
    public string CacheSubdir { get; init; } = "models";

    /// <summary>Gets the hash in hexadecimal: Keras' own, else one pinned here; null where none is known (most of MobileNetV2).</summary>
    public string? Hash { get; init; }

    /// <summary><c>md5</c> or <c>sha256</c>.</summary>
    public string? Algorithm { get; init; }

    /// <summary>Gets what the file is hashed with, also where no hash is known.</summary>
    public string HashKind => Algorithm ?? "sha256";

    /// <summary><c>md5 6437…</c>, for people; null where there is none.</summary>
    public string? HashText => Hash is null ? null : $"{Algorithm} {Hash}";
}

/// <summary>
/// Keras' own table of ImageNet weights, <c>keras-weights.json</c>. Keys are model names; of families with widths also
/// <c>mobilenet_v2(alpha=0.35,size=224)</c>, <c>mobilenet_v3_small(alpha=0.75,minimalistic=False)</c>.
/// </summary>
internal static class WeightCatalog
{
    // Read where it is asked for: a start needs one file of more than a hundred.
    private static readonly Lazy<JsonElement> Table = new(Load);
    private static readonly Lazy<FrozenDictionary<string, CatalogEntry>> ByFile = new(() => Table.Value.EnumerateObject()
        .SelectMany(files => files.Value.EnumerateObject()).Select(file => Entry(file.Value)).DistinctBy(e => e.File).ToFrozenDictionary(e => e.File));

    public static IEnumerable<string> Keys => Table.Value.EnumerateObject().Select(files => files.Name);

    /// <summary>Null where Keras publishes no such file.</summary>
    public static CatalogEntry? Find(string key, bool includeTop) =>
        Table.Value.TryGetProperty(key, out var files) && files.TryGetProperty(includeTop ? "top" : "notop", out var file) ? Entry(file) : null;

    /// <summary>Every file once, by name: networks that differ in options may share one.</summary>
    public static IReadOnlyDictionary<string, CatalogEntry> Files => ByFile.Value;

    // "hash" is what Keras publishes; "pinned" is for files of which it publishes none.
    private static CatalogEntry Entry(JsonElement file)
    {
        var pinned = file.TryGetProperty("pinned", out var pin) ? pin.GetString()!.Split(':') : null;
        return new()
        {
            File = file.GetProperty("file").GetString()!,
            Url = new Uri(file.GetProperty("url").GetString()!),
            CacheSubdir = file.GetProperty("cache_subdir").GetString()!,
            Hash = file.GetProperty("hash").GetString() ?? pinned?[1],
            Algorithm = file.GetProperty("algorithm").GetString() ?? pinned?[0],
        };
    }

    private static JsonElement Load()
    {
        using var stream = typeof(WeightCatalog).Assembly.GetManifestResourceStream("keras-weights.json")!;
        using var table = JsonDocument.Parse(stream);
        return table.RootElement.Clone();
    }
}
