using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TransferKit.Onnx;

/// <summary>The seal of a kept model, <c>entry.json</c>: which model it is, and what its files must be.</summary>
internal sealed record ModelEntry
{
    private const string FileName = "entry.json";

    public required int Format { get; init; }

    /// <summary>The <see cref="OnnxWriter.Version"/> of who wrote it.</summary>
    public required int Writer { get; init; }

    public required string Key { get; init; }
    public required string Name { get; init; }
    public required ImmutableArray<SealedFile> Files { get; init; }

    [JsonIgnore]
    public bool IsOfThisVersion => Format == CompiledModel.FormatVersion && Writer == OnnxWriter.Version;

    /// <summary>Forces a folder's files to the disk and seals them; a folder with an entry is whole.</summary>
    public static void Seal(string folder, string key, string name, CancellationToken cancellation) => new ModelEntry
    {
        Format = CompiledModel.FormatVersion,
        Writer = OnnxWriter.Version,
        Key = key,
        Name = name,
        Files = [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(f => SealedFile.Seal(f, cancellation))],
    }.Save(folder);

    /// <summary>Whether the folder holds the model of that key, whole and undamaged.</summary>
    public static bool IsIntact(string folder, string key, CancellationToken cancellation)
    {
        try
        {
            return TryLoad(folder) is { Format: CompiledModel.FormatVersion } entry && entry.Key == key
                && entry.Files.All(file => file.IsIntact(folder, cancellation));
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

    private void Save(string folder)
    {
        using var file = new FileStream(Path.Combine(folder, FileName), FileMode.CreateNew, FileAccess.Write);
        JsonSerializer.Serialize(file, this, ModelEntryJson.Default.ModelEntry);
        file.Flush(flushToDisk: true);
    }
}

/// <summary>
/// What a file was when it was sealed. One whose length and time are still the same is taken for the same; its bytes are hashed
/// only where the time is another, as that of a copied cache may be.
/// </summary>
internal sealed record SealedFile(string Name, long Length, DateTime Written, string Hash)
{
    public static SealedFile Seal(string path, CancellationToken cancellation)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        file.Flush(flushToDisk: true);
        return new(Path.GetFileName(path), file.Length, File.GetLastWriteTimeUtc(path), FileHash.Of(file, cancellation));
    }

    public bool IsIntact(string folder, CancellationToken cancellation)
    {
        var info = new FileInfo(Path.Combine(folder, Path.GetFileName(Name)));
        if (!info.Exists || info.Length != Length)
            return false;
        if (info.LastWriteTimeUtc == Written)
            return true;
        using var file = new FileStream(info.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        return FileHash.Of(file, cancellation) == Hash;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ModelEntry))]
internal sealed partial class ModelEntryJson : JsonSerializerContext;
