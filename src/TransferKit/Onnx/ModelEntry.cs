using System.IO.Hashing;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TransferKit.Onnx;

/// <summary>The seal of a compiled model, <c>entry.json</c>: which model it is, and what its files must be.</summary>
internal sealed record ModelEntry
{
    private const string FileName = "entry.json";

    public required int Format { get; init; }
    public required string Key { get; init; }
    public required string Name { get; init; }
    public long ModelLength { get; init; }
    public string ModelHash { get; init; } = "";
    public long WeightsLength { get; init; }
    public string WeightsHash { get; init; } = "";

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
            ModelEntry? entry;
            using (var file = File.OpenRead(Path.Combine(folder, FileName)))
                entry = JsonSerializer.Deserialize(file, ModelEntryJson.Default.ModelEntry);
            return entry is { Format: CompiledModel.FormatVersion } && entry.Key == key
                && Matches(Path.Combine(folder, CompiledModel.ModelFile), entry.ModelLength, entry.ModelHash, cancellation)
                && Matches(Path.Combine(folder, CompiledModel.WeightsFile), entry.WeightsLength, entry.WeightsHash, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return false;
        }
    }

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
