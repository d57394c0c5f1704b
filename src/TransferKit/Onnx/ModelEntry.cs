using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TransferKit.WeightSources;

namespace TransferKit.Onnx;

/// <summary>The seal of a kept model, <c>entry.json</c>: which model it is, and what its files must be.</summary>
internal sealed record ModelEntry
{
    private const string FileName = "entry.json";
    private const int FormatVersion = 3;

    public required int Format { get; init; }

    /// <summary>The <see cref="CompiledModel.Library"/> that wrote it.</summary>
    public string? Library { get; init; }

    public required string Key { get; init; }
    public required string Name { get; init; }
    public bool HasHugeKernel { get; init; }
    public required ImmutableArray<SealedFile> Files { get; init; }

    [JsonIgnore]
    public bool IsOfThisVersion => Format == FormatVersion && Library == CompiledModel.Library;

    /// <summary>Forces a folder's files to the disk and seals them; a folder with an entry is whole.</summary>
    public static void Seal(string folder, string key, OnnxModel model, CancellationToken cancellation) => new ModelEntry
    {
        Format = FormatVersion,
        Library = CompiledModel.Library,
        Key = key,
        Name = model.Name,
        HasHugeKernel = model.HasHugeKernel,
        Files = [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(f => SealedFile.Seal(f, cancellation))],
    }.Save(folder);

    /// <summary>The folder's entry, if it is of that key and the folder whole and undamaged.</summary>
    public static ModelEntry? TryLoadIntact(string folder, string key, CancellationToken cancellation)
    {
        try
        {
            return TryLoad(folder) is { Format: FormatVersion } entry && entry.Key == key && entry.Files.All(file => file.IsIntact(folder, cancellation))
                ? entry
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The folder's entry; null where there is none, or none that can be read.</summary>
    public static ModelEntry? TryLoad(string folder) => SmallJson.Read(Path.Combine(folder, FileName), entry => new ModelEntry
    {
        Format = entry.GetProperty("format").GetInt32(),
        Library = entry.TryGetProperty("library", out var library) ? library.GetString() : null,
        Key = entry.GetProperty("key").GetString()!,
        Name = entry.GetProperty("name").GetString()!,
        HasHugeKernel = entry.TryGetProperty("hasHugeKernel", out var isHuge) && isHuge.GetBoolean(),
        Files = [.. entry.GetProperty("files").EnumerateArray().Select(file => new SealedFile(
            file.GetProperty("name").GetString()!, file.GetProperty("length").GetInt64(),
            file.GetProperty("written").GetDateTime(), file.GetProperty("hash").GetString()!))],
    });

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
