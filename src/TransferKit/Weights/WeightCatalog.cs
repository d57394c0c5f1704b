using System.Collections.Frozen;
using System.Text.Json;

namespace TransferKit.WeightSources;

/// <summary>Represents one of Keras' published weight files: its address, its name in Keras' cache, and its hash.</summary>
internal sealed record CatalogEntry
{
    public required string File { get; init; }
    /// <summary>Gets the address. It is text, because only a download needs it as a <see cref="Uri"/>.</summary>
    public required string Url { get; init; }

    /// <summary>Gets the folder under Keras' home. Defaults to <c>models</c>.</summary>
    public string CacheSubdir { get; init; } = "models";

    /// <summary>Gets the hash in hexadecimal, published by Keras or pinned here; null if none is known (most of MobileNetV2).</summary>
    public string? Hash { get; init; }

    /// <summary>Gets the algorithm of <see cref="Hash"/>, <c>md5</c> or <c>sha256</c>; null if no hash is known.</summary>
    public string? Algorithm { get; init; }

    /// <summary>Gets the algorithm to hash the file with, even if no hash is known.</summary>
    public string HashKind => Algorithm ?? "sha256";

    /// <summary>Gets the hash for messages, <c>md5 6437…</c>; null if none is known.</summary>
    public string? HashText => Hash is null ? null : $"{Algorithm} {Hash}";
}

/// <summary>
/// Reads Keras' table of ImageNet weights, <c>keras-weights.json</c>. Keys are model names. In families with widths a key also holds the
/// options: <c>mobilenet_v2(alpha=0.35,size=224)</c>, <c>mobilenet_v3_small(alpha=0.75,minimalistic=False)</c>.
/// </summary>
internal static class WeightCatalog
{
    // The table is parsed on first use, and an entry is built only when it is requested, to keep startup fast.
    private static readonly Lazy<JsonDocument> Document = new(Load);
    private static readonly Lazy<FrozenDictionary<string, CatalogEntry>> ByFile = new(() => Table.EnumerateObject()
        .SelectMany(files => files.Value.EnumerateObject())
        .Select(file => Entry(file.Value))
        .DistinctBy(e => e.File)
        .ToFrozenDictionary(e => e.File));

    public static IEnumerable<string> Keys => Table.EnumerateObject().Select(files => files.Name);

    /// <summary>Finds the weights of a model; null if Keras publishes none.</summary>
    public static CatalogEntry? Find(string key, bool includeTop) =>
        Table.TryGetProperty(key, out var files) && files.TryGetProperty(includeTop ? "top" : "notop", out var file)
            ? Entry(file)
            : null;

    /// <summary>Gets every file once, by name; models that differ in options may share a file.</summary>
    public static IReadOnlyDictionary<string, CatalogEntry> Files => ByFile.Value;

    // Keras publishes "hash"; this project adds "pinned" for files without a published hash.
    private static CatalogEntry Entry(JsonElement file)
    {
        var pinned = file.TryGetProperty("pinned", out var pin) ? pin.GetString()!.Split(':') : null;
        return new()
        {
            File = file.GetProperty("file").GetString()!,
            Url = file.GetProperty("url").GetString()!,
            CacheSubdir = file.GetProperty("cache_subdir").GetString()!,
            Hash = file.GetProperty("hash").GetString() ?? pinned?[1],
            Algorithm = file.GetProperty("algorithm").GetString() ?? pinned?[0],
        };
    }

    private static JsonElement Table => Document.Value.RootElement;

    private static JsonDocument Load()
    {
        using var stream = typeof(WeightCatalog).Assembly.GetManifestResourceStream("keras-weights.json")!;
        return JsonDocument.Parse(stream);
    }
}
