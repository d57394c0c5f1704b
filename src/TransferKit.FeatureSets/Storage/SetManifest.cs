using System.Text.Json;
using System.Text.Json.Serialization;
using TransferKit.Common;

namespace TransferKit.FeatureSets.Storage;

/// <summary>
/// Represents <c>_manifest.json</c>: the number of shards, the shape of the features, and all that determines them. Its content is the
/// same whichever process writes it.
/// </summary>
internal sealed record SetManifest
{
    private const int CurrentFormat = 1;
    private const int MostBytes = 1 << 20;

    public int Format { get; init; } = CurrentFormat;

    public required int Shards { get; init; }

    public required int[] Shape { get; init; }

    /// <summary>What determines the features, by name.</summary>
    public required SortedDictionary<string, string> Stamp { get; init; }

    /// <summary>Reads the manifest of a folder; returns null if there is none.</summary>
    /// <exception cref="FeatureSetException">The manifest is corrupt.</exception>
    public static SetManifest? TryRead(string folder)
    {
        var path = Path.Combine(folder, SetLayout.Manifest);
        try
        {
            using var file = InputFile.Open(path);
            if (file.Length > MostBytes)
                throw new FeatureSetException(path, $"the manifest has {file.Length} bytes, more than the {MostBytes} of any real one.");
            var manifest = JsonSerializer.Deserialize(file, SetJson.Default.SetManifest);
            return manifest is { Format: CurrentFormat, Shards: >= 1, Shape.Length: >= 1, Stamp: not null }
                && manifest.Shape.All(d => d >= 1) && manifest.Stamp.Values.All(v => v is not null)
                ? manifest
                : throw new FeatureSetException(
                    path, "the manifest is not one that this version writes. Name another folder, or use --restart.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new FeatureSetException(path, $"the manifest is corrupt ({e.Message}). Restore it, or use --restart.", e);
        }
    }

    public byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, SetJson.Default.SetManifest), (byte)'\n'];

    /// <summary>Returns what differs from another manifest, each as <c>name: was X, is Y</c>.</summary>
    /// <param name="now">The manifest that an extraction has now.</param>
    public IReadOnlyList<string> Differences(SetManifest now)
    {
        var differences = new List<string>();
        Compare("shards", Shards.ToString(), now.Shards.ToString());
        Compare("shape", string.Join(", ", Shape), string.Join(", ", now.Shape));
        foreach (var name in Stamp.Keys.Union(now.Stamp.Keys).Order(StringComparer.Ordinal))
            Compare(name, Stamp.GetValueOrDefault(name, "none"), now.Stamp.GetValueOrDefault(name, "none"));
        return differences;

        void Compare(string name, string was, string isNow)
        {
            if (was != isNow)
                differences.Add($"{name}: was {was}, is {isNow}");
        }
    }
}

/// <summary>Represents <c>_SUCCESS</c>, or one shard's part of it.</summary>
internal readonly record struct SetTotals(long Files, long Rows, long Failures)
{
    public static SetTotals operator +(SetTotals a, SetTotals b) => new(a.Files + b.Files, a.Rows + b.Rows, a.Failures + b.Failures);

    public byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, SetJson.Default.SetTotals), (byte)'\n'];
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NewLine = "\n")]
[JsonSerializable(typeof(SetManifest))]
[JsonSerializable(typeof(SetTotals))]
[JsonSerializable(typeof(ClaimOwner))]
internal sealed partial class SetJson : JsonSerializerContext;
