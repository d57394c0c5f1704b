using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.WeightSources.Files;

/// <summary>
/// Reads weights in shards: a <c>.weights.json</c> says which of the <c>.weights.h5</c> files beside it hold each layer (Keras:
/// <c>ShardedH5IOStore</c>). A layer may be spread over several shards.
/// </summary>
internal sealed class ShardedWeights
{
    public const string Extension = ".weights.json";

    private const int LongestIndex = 32 << 20;
    private const int MostShards = 10_000;

    private ShardedWeights(ImmutableArray<Stream> streams, ImmutableArray<Keras3Group> groups) => (Streams, Groups) = (streams, groups);

    /// <summary>Gets the index and the shards, which the caller owns.</summary>
    public ImmutableArray<Stream> Streams { get; }

    /// <summary>Gets the groups of all shards; the variables of each layer are together.</summary>
    public ImmutableArray<Keras3Group> Groups { get; }

    /// <param name="path">The path of the index.</param>
    /// <param name="index">The open index, which the result owns.</param>
    /// <exception cref="WeightsFormatException">
    /// The index is not Keras', names a file outside its folder, or a shard lacks what the index promises.
    /// </exception>
    public static ShardedWeights Open(string path, Stream index)
    {
        var map = ReadMap(path, index);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var streams = ImmutableArray.CreateBuilder<Stream>();
        try
        {
            var parts = new Dictionary<string, List<Keras3Group>>();
            foreach (var shard in map.Values.SelectMany(names => names).Distinct().Order(StringComparer.Ordinal))
            {
                var stream = OpenShard(path, Path.Combine(folder, shard));
                streams.Add(stream);
                foreach (var group in GroupsOf(Path.Combine(folder, shard), stream))
                {
                    if (!parts.TryGetValue(group.Path, out var found))
                        parts[group.Path] = found = [];
                    found.Add(group);
                }
            }
            foreach (var (key, _) in map)
            {
                if (Keras3Layout.PathOf(key) is { } layer && !parts.GetValueOrDefault(layer, []).Exists(g => !g.Weights.IsEmpty))
                    throw new WeightsFormatException(path, $"it lists '{key}', which none of its shards holds");
            }
            return new([index, .. streams], [.. parts.Select(p => Joined(path, p.Key, p.Value))]);
        }
        catch
        {
            foreach (var stream in streams)
                stream.Dispose();
            throw;
        }
    }

    private static Dictionary<string, string[]> ReadMap(string path, Stream index)
    {
        if (index.Length > LongestIndex)
            throw new WeightsFormatException(path, $"it has {index.Length:N0} bytes, and an index of shards has at most {LongestIndex:N0}");
        try
        {
            using var json = JsonDocument.Parse(index);
            var map = json.RootElement.GetProperty("weight_map").EnumerateObject().ToDictionary(
                entry => entry.Name,
                entry => entry.Value.ValueKind == JsonValueKind.Array
                    ? entry.Value.EnumerateArray().Select(n => n.GetString()!).ToArray()
                    : [entry.Value.GetString()!]);
            foreach (var name in map.Values.SelectMany(names => names))
                ThrowIfNoFileName(path, name);
            return map.Values.SelectMany(names => names).Distinct().Count() is > 0 and <= MostShards
                ? map
                : throw new WeightsFormatException(path, $"it lists no shards, or more than {MostShards:N0}");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new WeightsFormatException(path, $"it is no index of shards as Keras' save_weights writes it: {e.Message}", e);
        }
    }

    // Keras writes the shards beside the index. A longer path could lead to any file of the machine.
    private static void ThrowIfNoFileName(string path, string? name)
    {
        if (name is null or "" or "." or ".." || name.AsSpan().ContainsAny('/', '\\', ':') || name.Contains('\0'))
            throw new WeightsFormatException(path, $"it names the shard '{name}', which is not a file beside it");
    }

    private static FileStream OpenShard(string path, string shard)
    {
        try
        {
            return WeightFile.OpenStream(shard);
        }
        catch (Exception e) when (e is FileNotFoundException or UnauthorizedAccessException)
        {
            throw new WeightsFormatException(
                path, $"its shard '{Path.GetFileName(shard)}' is missing or cannot be read; put it beside the index", e);
        }
    }

    private static IEnumerable<Keras3Group> GroupsOf(string shard, Stream stream)
    {
        WeightFile.CheckHead(shard, stream);
        var root = Hdf5File.Open(shard, stream).Root;
        yield return new("", Keras3Layout.NotedName(root), []);
        if (Keras3Layout.Find(root) is not { } container)
            yield break;
        foreach (var group in Keras3Layout.Read(shard, container))
            yield return group;
    }

    private static Keras3Group Joined(string file, string path, List<Keras3Group> parts)
    {
        var weights = parts.SelectMany(p => p.Weights).OrderBy(NumberOf).ToImmutableArray();
        for (var i = 0; i < weights.Length; i++)
        {
            if (NumberOf(weights[i]) != i)
                throw new WeightsFormatException(file, $"its shards hold variable {i} of layers/{path} not once");
        }
        return new(path, parts.Select(p => p.NotedName).FirstOrDefault(name => name is not null), weights);
    }

    private static int NumberOf(StoredWeight weight)
    {
        var number = weight.Name.AsSpan(weight.Name.LastIndexOf('/') + 1);
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1;
    }
}
