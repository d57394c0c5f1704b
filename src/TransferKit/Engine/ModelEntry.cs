using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources.Store;

namespace TransferKit.Engine;

/// <summary>The seal of a kept model, <c>entry.json</c>: which model it is, and what its files must be.</summary>
internal sealed record ModelEntry
{
    private const int FormatVersion = 4;

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
    public static ModelEntry Seal(string folder, string key, OnnxModel model, CancellationToken cancellation)
    {
        var entry = new ModelEntry
        {
            Format = FormatVersion,
            Library = CompiledModel.Library,
            Key = key,
            Name = model.Name,
            HasHugeKernel = model.HasHugeKernel,
            Files = [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(f => SealedFile.Seal(f, cancellation))],
        };
        entry.Save(folder);
        return entry;
    }

    /// <summary>Reads a folder whole; returns its entry, if it is of that key and every byte is as it was written.</summary>
    /// <param name="folder">The folder, which may be absent.</param>
    /// <param name="key">The key of the model that is wanted.</param>
    /// <param name="problem">What is wrong; null where nothing is, or where there is no folder.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static ModelEntry? TryLoadIntact(string folder, string key, out string? problem, CancellationToken cancellation)
    {
        problem = null;
        if (!Directory.Exists(folder))
            return null;
        var entry = TryLoad(folder);
        problem = entry is null ? $"its {SealedFolder.EntryName} is missing or cannot be read"
            : entry.Format != FormatVersion || entry.Key != key ? $"its {SealedFolder.EntryName} is of another model or format"
            : entry.Problem(folder, cancellation);
        return problem is null ? entry : null;
    }

    /// <summary>Reads all files of the entry and says what is wrong; null where each byte is the one that was written.</summary>
    public string? Problem(string folder, CancellationToken cancellation) => new SealedFolder(folder, Files).Problem(cancellation);

    /// <summary>The folder's entry; null where there is none, or none that can be read.</summary>
    public static ModelEntry? TryLoad(string folder) => SmallJson.Read(Path.Combine(folder, SealedFolder.EntryName), entry => new ModelEntry
    {
        Format = entry.GetProperty("format").GetInt32(),
        Library = entry.TryGetProperty("library", out var library) ? library.GetString() : null,
        Key = entry.GetProperty("key").GetString()!,
        Name = entry.GetProperty("name").GetString()!,
        HasHugeKernel = entry.TryGetProperty("hasHugeKernel", out var isHuge) && isHuge.GetBoolean(),
        Files = SealedFolder.FilesOf(entry),
    });

    /// <summary>Notes that the model is used now: as the entry's time of writing, which every file system keeps.</summary>
    public static void MarkUsed(string folder)
    {
        try
        {
            File.SetLastWriteTimeUtc(Path.Combine(folder, SealedFolder.EntryName), DateTime.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A cache that is only read is swept by nobody either.
        }
    }

    /// <summary>For how long nobody has used the model.</summary>
    public static TimeSpan Unused(string folder) => DateTime.UtcNow - File.GetLastWriteTimeUtc(Path.Combine(folder, SealedFolder.EntryName));

    private void Save(string folder)
    {
        using var file = new FileStream(Path.Combine(folder, SealedFolder.EntryName), FileMode.CreateNew, FileAccess.Write);
        JsonSerializer.Serialize(file, this, ModelEntryJson.Default.ModelEntry);
        file.Flush(flushToDisk: true);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ModelEntry))]
internal sealed partial class ModelEntryJson : JsonSerializerContext;
