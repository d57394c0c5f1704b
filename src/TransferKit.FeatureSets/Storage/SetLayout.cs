using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.RegularExpressions;

namespace TransferKit.FeatureSets.Storage;

/// <summary>Defines the names inside a feature set's folder, and the shard that a file belongs to.</summary>
internal static partial class SetLayout
{
    public const string Manifest = "_manifest.json";
    public const string Success = "_SUCCESS";

    /// <summary>The folder of claims and of unfinished work. Its name is hidden, and readers of the set ignore it.</summary>
    public const string Work = ".work";

    public static string Shard(int index, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"shard-{index:00000}-of-{count:00000}.parquet");

    /// <summary>Parses the name of a shard; returns null for another file.</summary>
    public static (int Index, int Count)? Parse(string name) => ShardName().Match(name) is { Success: true } match
        ? (int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))
        : null;

    /// <summary>Returns the shard of a file, by a hash of its path in UTF-8, which is the same on every system.</summary>
    public static int ShardOf(string path, int count)
    {
        if (count == 1)
            return 0;
        Span<byte> bytes = stackalloc byte[512];
        var length = Encoding.UTF8.GetByteCount(path);
        bytes = length <= bytes.Length ? bytes[..length] : new byte[length];
        Encoding.UTF8.GetBytes(path, bytes);
        return (int)(XxHash3.HashToUInt64(bytes) % (uint)count);
    }

    [GeneratedRegex(@"^shard-(\d{5})-of-(\d{5})\.parquet$")]
    private static partial Regex ShardName();
}
