using System.Collections;
using TransferKit.FeatureSets.Storage;
using TransferKit.Imaging;

namespace TransferKit.FeatureSets.Extraction;

/// <summary>
/// Represents the files of one shard, in the order of their paths. They are places in the list of all files, so that a million entries
/// are not copied.
/// </summary>
internal sealed class ShardFiles : IReadOnlyList<FolderEntry>
{
    private readonly IReadOnlyList<FolderEntry> _all;
    private readonly ArraySegment<int> _places;

    private ShardFiles(IReadOnlyList<FolderEntry> all, ArraySegment<int> places) => (_all, _places) = (all, places);

    public int Count => _places.Count;

    public FolderEntry this[int index] => _all[_places[index]];

    /// <summary>Returns the files of each shard; none for the shards of other workers.</summary>
    /// <param name="files">All files, in the order of their paths.</param>
    /// <param name="shards">The number of shards.</param>
    /// <param name="worker">The worker; null for all shards.</param>
    public static ShardFiles[] Divide(IReadOnlyList<FolderEntry> files, int shards, ShardWorker? worker)
    {
        // The names of other workers' files need no memory while this one works.
        if (worker is { } own)
            files = [.. files.Where(f => SetLayout.ShardOf(f.Path, shards) % own.Count == own.Index)];
        var (shardOf, begins) = (new int[files.Count], new int[shards + 1]);
        for (var i = 0; i < shardOf.Length; i++)
            begins[1 + (shardOf[i] = SetLayout.ShardOf(files[i].Path, shards))]++;
        for (var shard = 0; shard < shards; shard++)
            begins[shard + 1] += begins[shard];
        var (places, next) = (new int[files.Count], begins.ToArray());
        for (var i = 0; i < shardOf.Length; i++)
            places[next[shardOf[i]]++] = i;
        return
        [
            .. Enumerable.Range(0, shards)
                .Select(shard => new ShardFiles(files, new(places, begins[shard], begins[shard + 1] - begins[shard]))),
        ];
    }

    public IEnumerator<FolderEntry> GetEnumerator() => _places.Select(place => _all[place]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
