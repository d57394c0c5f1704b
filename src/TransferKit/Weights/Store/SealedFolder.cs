using System.Collections.Immutable;
using System.Text.Json;
using TransferKit.Common;

namespace TransferKit.WeightSources.Store;

/// <summary>A folder whose <c>entry.json</c> lists its files with lengths and hashes, as every compiled model's does.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Files">The files as they were when the folder was finished.</param>
internal sealed record SealedFolder(string Path, ImmutableArray<SealedFile> Files)
{
    public const string EntryName = "entry.json";

    /// <summary>Gets the size of all files together.</summary>
    public long Size => Files.Sum(f => f.Length);

    /// <summary>Reads a folder's list; null where there is none that can be read.</summary>
    public static SealedFolder? TryRead(string folder) =>
        SmallJson.Read(System.IO.Path.Combine(folder, EntryName), entry => new SealedFolder(folder, FilesOf(entry)));

    /// <summary>Reads the list out of an <c>entry.json</c>.</summary>
    public static ImmutableArray<SealedFile> FilesOf(JsonElement entry) =>
        [.. entry.GetProperty("files").EnumerateArray().Select(file => new SealedFile(
        file.GetProperty("name").GetString()!, file.GetProperty("length").GetInt64(), file.GetProperty("hash").GetString()!))];

    /// <summary>Reads every listed file and says what is wrong; null where each byte is the one that was written.</summary>
    /// <param name="cancellation">Ends the reading.</param>
    public string? Problem(CancellationToken cancellation)
    {
        if (Files.IsEmpty)
            return $"its {EntryName} lists no files";
        try
        {
            return PrivateFolder.Weakness(Path) ?? Files.Select(f => f.Problem(Path, cancellation)).FirstOrDefault(p => p is not null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"it cannot be read ({e.Message.TrimEnd('.')})";
        }
    }
}

/// <summary>A file of a <see cref="SealedFolder"/>.</summary>
/// <param name="Name">The file's name in the folder.</param>
/// <param name="Length">The length in bytes.</param>
/// <param name="Hash">The XXH128 of all bytes, in hexadecimal.</param>
/// <remarks>
/// The hash finds damage. It stops no attacker, who could write a list that fits: that is what <see cref="PrivateFolder"/> is for.
/// </remarks>
internal sealed record SealedFile(string Name, long Length, string Hash)
{
    /// <summary>Forces a file to the disk and notes what it holds.</summary>
    public static SealedFile Seal(string path, CancellationToken cancellation)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        file.Flush(flushToDisk: true);
        return new(Path.GetFileName(path), file.Length, FileHash.Of(file, cancellation));
    }

    /// <summary>Reads the file and says what is wrong with it; null where it is as it was.</summary>
    public string? Problem(string folder, CancellationToken cancellation)
    {
        if (Path.GetFileName(Name) != Name)
            return $"its {SealedFolder.EntryName} names '{Name}', which is no file of the folder";
        var info = new FileInfo(Path.Combine(folder, Name));
        if (!info.Exists)
            return $"its {Name} is missing";
        // A link would lead the engine out of the folder.
        if (info.LinkTarget is not null)
            return $"its {Name} is a link";
        if (info.Length != Length)
            return $"its {Name} has {info.Length:N0} bytes, not {Length:N0}";
        using var file = new FileStream(
            info.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        return FileHash.Of(file, cancellation) == Hash ? null : $"its {Name} has other bytes than were written";
    }
}
