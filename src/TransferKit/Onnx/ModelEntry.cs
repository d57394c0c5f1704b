using System.IO.Hashing;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TransferKit.Onnx;

/// <summary>The seal of a compiled model, <c>entry.json</c>: which model it is, and what its files must be.</summary>
internal sealed record ModelEntry
{
    private const string FileName = "entry.json";

    public required int Format { get; init; }

    /// <summary>The <see cref="OnnxWriter.Version"/> of who wrote it; 0 of those before entries told.</summary>
    public int Writer { get; init; }

    public required string Key { get; init; }
    public required string Name { get; init; }
    public long ModelLength { get; init; }
    public string ModelHash { get; init; } = "";
    public long WeightsLength { get; init; }
    public string WeightsHash { get; init; } = "";

    [JsonIgnore]
    public bool IsOfThisVersion => Format == CompiledModel.FormatVersion && Writer == OnnxWriter.Version;

    public void Save(string folder)
    {
        using var file = new FileStream(Path.Combine(folder, FileName), FileMode.CreateNew, FileAccess.Write);
        JsonSerializer.Serialize(file, this, ModelEntryJson.Default.ModelEntry);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Whether the folder holds the model of that key, whole and undamaged.</summary>
    public static bool IsIntact(string folder, string key, CancellationToken cancellation)
    {
        try
        {
            return TryLoad(folder) is { Format: CompiledModel.FormatVersion } entry && entry.Key == key
                && Matches(Path.Combine(folder, CompiledModel.ModelFile), entry.ModelLength, entry.ModelHash, cancellation)
                && Matches(Path.Combine(folder, CompiledModel.WeightsFile), entry.WeightsLength, entry.WeightsHash, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The folder's entry; null where there is none, or none that can be read.</summary>
    public static ModelEntry? TryLoad(string folder)
    {
        try
        {
            using var file = File.OpenRead(Path.Combine(folder, FileName));
            return JsonSerializer.Deserialize(file, ModelEntryJson.Default.ModelEntry);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Notes that the model is used now: as the entry's time of writing, which every file system keeps.</summary>
    public static void MarkUsed(string folder)
    {
        try
        {
            File.SetLastWriteTimeUtc(Path.Combine(folder, FileName), DateTime.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A cache that is only read is swept by nobody either.
        }
    }

    /// <summary>For how long nobody has used the model.</summary>
    public static TimeSpan Unused(string folder) => DateTime.UtcNow - File.GetLastWriteTimeUtc(Path.Combine(folder, FileName));

    private static bool Matches(string path, long length, string hash, CancellationToken cancellation)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        if (file.Length != length)
            return false;
        var actual = new XxHash128();
        var buffer = new byte[1 << 20];
        for (int read; (read = file.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            actual.Append(buffer.AsSpan(0, read));
        }
        return Convert.ToHexStringLower(actual.GetCurrentHash()) == hash;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ModelEntry))]
internal sealed partial class ModelEntryJson : JsonSerializerContext;
