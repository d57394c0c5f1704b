using TransferKit.WeightSources;

namespace TransferKit.Onnx;

/// <summary>
/// Keeps compiled models between runs, a folder each, <c>NAME-KEY</c>. Safe among threads and processes without locks: a
/// folder is written under another name, and gets its own when it is whole; who comes second uses the first one's.
/// </summary>
/// <param name="root">Where the folders are; null to keep nothing.</param>
internal sealed class CompiledModelCache(string? root)
{
    // Enough of the key for a name; the entry holds all of it.
    private const int KeyLengthInName = 32;
    private const string Unfinished = ".unfinished-";
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    /// <summary>The compiled form of a model: a kept one that is intact, or one that is written now.</summary>
    public CompiledModel Open(OnnxModel model, IWeightSource weights, CancellationToken cancellation = default)
    {
        var key = CompiledModel.KeyOf(model, weights);
        if (root is null)
            return WriteTemporary(model, weights, key, cancellation);

        var folder = Path.Combine(root, $"{model.Name}-{key[..KeyLengthInName]}");
        if (ModelEntry.IsIntact(folder, key, cancellation))
            return new CompiledModel(folder, isKept: true);

        var unfinished = $"{folder}{Unfinished}{Guid.NewGuid():N}";
        if (!TryCreate(unfinished))
            return WriteTemporary(model, weights, key, cancellation);
        try
        {
            CompiledModel.Write(unfinished, model, weights, key, cancellation);
        }
        catch
        {
            Folders.TryDelete(unfinished);
            throw;
        }
        return Publish(unfinished, folder, key, cancellation);
    }

    private CompiledModel Publish(string unfinished, string folder, string key, CancellationToken cancellation)
    {
        DeleteAbandoned();
        if (Folders.TryMove(unfinished, folder))
            return new CompiledModel(folder, isKept: true);

        if (ModelEntry.IsIntact(folder, key, cancellation))
        {
            Folders.TryDelete(unfinished);
            return new CompiledModel(folder, isKept: true);
        }

        // The one in the way is damaged. Who has it mapped keeps it: a moved folder stays readable.
        var damaged = $"{folder}{Unfinished}{Guid.NewGuid():N}";
        var isMoved = Folders.TryMove(folder, damaged);
        var isPublished = Folders.TryMove(unfinished, folder);
        if (isMoved)
            Folders.TryDelete(damaged);
        return isPublished ? new CompiledModel(folder, isKept: true) : new CompiledModel(unfinished, isKept: false);
    }

    private static CompiledModel WriteTemporary(OnnxModel model, IWeightSource weights, string key, CancellationToken cancellation)
    {
        var compiled = new CompiledModel(Directory.CreateTempSubdirectory("transferkit-").FullName, isKept: false);
        try
        {
            CompiledModel.Write(compiled.Folder, model, weights, key, cancellation);
            return compiled;
        }
        catch
        {
            compiled.Dispose();
            throw;
        }
    }

    private static bool TryCreate(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // What a process that was killed while writing has left.
    private void DeleteAbandoned()
    {
        foreach (var folder in new DirectoryInfo(root!).EnumerateDirectories($"*{Unfinished}*"))
        {
            if (DateTime.UtcNow - folder.LastWriteTimeUtc > Abandoned)
                Folders.TryDelete(folder.FullName);
        }
    }
}
