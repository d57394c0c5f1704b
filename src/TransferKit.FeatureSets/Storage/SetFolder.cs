using System.Security.Cryptography;
using TransferKit.Common;

namespace TransferKit.FeatureSets.Storage;

/// <summary>Represents the folder of a feature set: its manifest, its shards and its unfinished work.</summary>
internal sealed class SetFolder
{
    private SetFolder(string path, SetManifest manifest) => (Path, Manifest, Stamp) = (path, manifest, StampOf(manifest));

    public string Path { get; }

    public SetManifest Manifest { get; }

    /// <summary>Gets a hash of the manifest, which each shard carries.</summary>
    public string Stamp { get; }

    public string WorkPath => System.IO.Path.Combine(Path, SetLayout.Work);

    public string SuccessPath => System.IO.Path.Combine(Path, SetLayout.Success);

    public bool IsComplete => File.Exists(SuccessPath);

    /// <summary>Opens the folder of an existing set.</summary>
    /// <exception cref="FeatureSetException">The folder holds no feature set, or a corrupt one.</exception>
    public static SetFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var manifest = SetManifest.TryRead(full)
            ?? throw new FeatureSetException(full, $"the folder holds no feature set: it has no {SetLayout.Manifest}.");
        var set = new SetFolder(full, manifest);
        set.CheckNames();
        return set;
    }

    /// <summary>Opens or creates the folder of a set that an extraction writes.</summary>
    /// <param name="path">Path of the folder.</param>
    /// <param name="manifest">The manifest for a number of shards; the number is null for the one that the set was begun with.</param>
    /// <param name="shards">The requested number of shards; null for that of an existing set, or the default.</param>
    /// <param name="defaultShards">The number of shards of a new set.</param>
    /// <param name="restart">Whether a set of another manifest is discarded.</param>
    /// <exception cref="FeatureSetChangedException">The set was begun with another manifest.</exception>
    /// <exception cref="OutputFileException">The folder cannot be written.</exception>
    public static SetFolder OpenOrCreate(string path, Func<int, SetManifest> manifest, int? shards, int defaultShards, bool restart)
    {
        var full = System.IO.Path.GetFullPath(path);
        return OutputFileException.Wrapping(path, () =>
        {
            Directory.CreateDirectory(full);
            var found = TryRead(full, restart);
            if (found is null && !restart)
            {
                RefuseOtherFiles(full);
                found = TryRead(full, restart);
            }
            var set = new SetFolder(full, manifest(shards ?? (restart ? null : found?.Shards) ?? defaultShards));
            if (found?.Differences(set.Manifest) is { Count: > 0 } differences && !restart)
                throw new FeatureSetChangedException(path, differences);
            if (restart)
                set.Clear();
            set.CheckNames();
            Directory.CreateDirectory(set.WorkPath);
            if (found is null || restart)
                set.WriteManifest();
            return set;
        });
    }

    /// <summary>Returns whether a folder holds rows of a set: shards or pieces.</summary>
    public static bool HasRows(string path) =>
        Directory.Exists(path) && Directory.EnumerateFiles(path, "*.parquet", SearchOption.AllDirectories).Any();

    public string ShardPath(int shard) => System.IO.Path.Combine(Path, SetLayout.Shard(shard, Manifest.Shards));

    /// <summary>Returns the folder of a shard's pieces.</summary>
    public string PiecesPath(int shard) => System.IO.Path.Combine(WorkPath, $"{shard:00000}");

    public string ClaimPath(int shard) => System.IO.Path.Combine(WorkPath, $"{shard:00000}.claim");

    /// <summary>Opens a shard and checks that it belongs to this set.</summary>
    /// <exception cref="FeatureSetException">The shard is missing, corrupt or of another set.</exception>
    public async Task<RowReader> OpenShardAsync(string path, CancellationToken cancellationToken)
    {
        var reader = await RowReader.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        if (reader.Stamp == Stamp)
            return reader;
        await reader.DisposeAsync().ConfigureAwait(false);
        throw new FeatureSetException(
            path,
            $"the shard was computed with other options than those of the {SetLayout.Manifest} beside it. Delete it, or use --restart.");
    }

    /// <summary>Writes <c>_SUCCESS</c>.</summary>
    public void Complete(SetTotals totals) => AtomicFile.Write(SuccessPath, stream => stream.Write(totals.ToBytes()));

    /// <summary>Removes <c>_SUCCESS</c> before a shard changes, so that it never stands beside an incomplete set.</summary>
    public void Reopen() => File.Delete(SuccessPath);

    // Two processes may create the set at once. Both write the same bytes.
    private void WriteManifest() =>
        AtomicFile.Write(System.IO.Path.Combine(Path, SetLayout.Manifest), stream => stream.Write(Manifest.ToBytes()));

    private static SetManifest? TryRead(string folder, bool restart)
    {
        try
        {
            return SetManifest.TryRead(folder);
        }
        catch (FeatureSetException) when (restart)
        {
            return null;
        }
    }

    // Another worker may begin the set at the same moment: its names are hidden, or those of a set.
    private static void RefuseOtherFiles(string folder)
    {
        var other = Directory.EnumerateFileSystemEntries(folder).Select(System.IO.Path.GetFileName).FirstOrDefault(
            n => !n!.StartsWith('.') && n is not (SetLayout.Manifest or SetLayout.Success) && SetLayout.Parse(n) is null);
        if (other is not null)
        {
            throw new FeatureSetException(
                folder, $"the folder is no feature set, and it holds other files, such as '{other}'. Name a new or empty folder.");
        }
    }

    // Shards of another number of shards hold the same files a second time.
    private void CheckNames()
    {
        foreach (var name in Directory.EnumerateFiles(Path).Select(System.IO.Path.GetFileName))
        {
            if (SetLayout.Parse(name!) is var (index, count) && (count != Manifest.Shards || index >= count))
            {
                throw new FeatureSetException(
                    System.IO.Path.Combine(Path, name!), $"the shard does not belong to a set of {Manifest.Shards} shards. Remove it.");
            }
        }
    }

    private void Clear()
    {
        Reopen();
        foreach (var file in Directory.EnumerateFiles(Path).Where(f => SetLayout.Parse(System.IO.Path.GetFileName(f)) is not null))
            File.Delete(file);
        Folders.TryDelete(WorkPath);
    }

    private static string StampOf(SetManifest manifest) => Convert.ToHexStringLower(SHA256.HashData(manifest.ToBytes()));
}
