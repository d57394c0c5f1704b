using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources.Store;

namespace TransferKit.Engine;

/// <summary>The seal <c>entry.json</c> of a cached model: the key of the model and the hashes of its files.</summary>
internal sealed record ModelEntry
{
    private const int FormatVersion = 6;

    public required int Format { get; init; }

    /// <summary>The <see cref="CompiledModel.Library"/> that wrote it.</summary>
    public string? Library { get; init; }

    public required string Key { get; init; }
    public required string Name { get; init; }
    public bool HasHugeKernel { get; init; }
    public bool HasCustomOperators { get; init; }
    public required ImmutableArray<SealedFile> Files { get; init; }

    [JsonIgnore]
    public bool IsOfThisVersion => Format == FormatVersion && Library == CompiledModel.Library;

    /// <summary>Flushes a folder's files to the disk, then writes the entry. A folder with an entry is therefore complete.</summary>
    public static ModelEntry Seal(string folder, string key, OnnxModel model, bool hasCustomOperators, CancellationToken cancellation)
    {
        var entry = new ModelEntry
        {
            Format = FormatVersion,
            Library = CompiledModel.Library,
            Key = key,
            Name = model.Name,
            HasHugeKernel = model.HasHugeKernel,
            HasCustomOperators = hasCustomOperators,
            Files = [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(f => SealedFile.Seal(f, cancellation))],
        };
        entry.Save(folder);
        return entry;
    }

    /// <summary>Verifies a folder. Returns its entry if the key matches and the files are undamaged.</summary>
    /// <param name="folder">The folder, which may be absent.</param>
    /// <param name="key">The key of the requested model.</param>
    /// <param name="isRead">Whether the bytes of a file are compared; the lengths of all files are.</param>
    /// <param name="problem">The problem of an existing folder; null if there is none.</param>
    /// <param name="cancellation">The token that stops the verification.</param>
    public static ModelEntry? TryLoadIntact(
        string folder, string key, Func<SealedFile, bool> isRead, out string? problem, CancellationToken cancellation)
    {
        problem = null;
        if (!Directory.Exists(folder))
            return null;
        var entry = TryLoad(folder);
        problem = entry is null ? $"its {SealedFolder.EntryName} is missing or cannot be read"
            : entry.Format != FormatVersion || entry.Key != key ? $"its {SealedFolder.EntryName} is of another model or format"
            : new SealedFolder(folder, entry.Files).Problem(isRead, cancellation);
        return problem is null ? entry : null;
    }

    /// <summary>Verifies all files of the entry. Returns the problem, or null if they are undamaged.</summary>
    public string? Problem(string folder, CancellationToken cancellation) => new SealedFolder(folder, Files).Problem(cancellation);

    /// <summary>Loads a folder's entry; null if it is missing or cannot be read.</summary>
    public static ModelEntry? TryLoad(string folder) => JsonFile.Read(Path.Combine(folder, SealedFolder.EntryName), entry => new ModelEntry
    {
        Format = entry.GetProperty("format").GetInt32(),
        Library = entry.TryGetProperty("library", out var library) ? library.GetString() : null,
        Key = entry.GetProperty("key").GetString()!,
        Name = entry.GetProperty("name").GetString()!,
        HasHugeKernel = entry.TryGetProperty("hasHugeKernel", out var isHuge) && isHuge.GetBoolean(),
        HasCustomOperators = entry.TryGetProperty("hasCustomOperators", out var isCustom) && isCustom.GetBoolean(),
        Files = SealedFolder.FilesOf(entry),
    });

    /// <summary>Records the use of a model as the entry's time of last write, because not all file systems record access times.</summary>
    public static void MarkUsed(string folder)
    {
        try
        {
            File.SetLastWriteTimeUtc(Path.Combine(folder, SealedFolder.EntryName), DateTime.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A process that cannot set the time cannot delete the model either, so the time does not matter.
        }
    }

    /// <summary>Returns the time since the last use of a model.</summary>
    public static TimeSpan Unused(string folder) =>
        DateTime.UtcNow - File.GetLastWriteTimeUtc(Path.Combine(folder, SealedFolder.EntryName));

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
