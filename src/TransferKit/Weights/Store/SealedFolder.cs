using System.Collections.Immutable;
using System.Text.Json;
using TransferKit.Common;

namespace TransferKit.WeightSources.Store;

/// <summary>Represents a folder, such as a compiled model's, whose <c>entry.json</c> lists its files with lengths and hashes.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Files">The files as they were when the folder was written.</param>
internal sealed record SealedFolder(string Path, ImmutableArray<SealedFile> Files)
{
    public const string EntryName = "entry.json";

    /// <summary>Gets the total size of the files in bytes.</summary>
    public long Size => Files.Sum(f => f.Length);

    /// <summary>Reads a folder's list; null if it is missing or unreadable.</summary>
    public static SealedFolder? TryRead(string folder) =>
        JsonFile.Read(System.IO.Path.Combine(folder, EntryName), entry => new SealedFolder(folder, FilesOf(entry)));

    /// <summary>Reads the list from the root of an <c>entry.json</c>.</summary>
    public static ImmutableArray<SealedFile> FilesOf(JsonElement entry)
    {
        var files = new List<SealedFile>();
        foreach (var file in entry.GetProperty("files").EnumerateArray())
        {
            files.Add(new(
                file.GetProperty("name").GetString()!, file.GetProperty("length").GetInt64(), file.GetProperty("hash").GetString()!));
        }
        return [.. files];
    }

    /// <summary>Reads every listed file and returns what is wrong; null if all bytes are as written.</summary>
    /// <param name="cancellation">The token to cancel reading.</param>
    public string? Problem(CancellationToken cancellation) => Problem(_ => true, cancellation);

    /// <summary>Checks the lengths of all files and the bytes of some, and returns what is wrong; null if nothing is.</summary>
    /// <param name="isRead">Whether the bytes of a file are read and compared.</param>
    /// <param name="cancellation">The token to cancel reading.</param>
    public string? Problem(Func<SealedFile, bool> isRead, CancellationToken cancellation)
    {
        if (Files.IsEmpty)
            return $"its {EntryName} lists no files";
        try
        {
            return PrivateFolder.Weakness(Path)
                ?? Files.Select(f => f.ProblemOfLength(Path)).FirstOrDefault(p => p is not null)
                ?? Files.Where(isRead).Select(f => f.ProblemOfBytes(Path, cancellation)).FirstOrDefault(p => p is not null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"it cannot be read ({e.Message.TrimEnd('.')})";
        }
    }
}

/// <summary>Represents a file of a <see cref="SealedFolder"/>.</summary>
/// <param name="Name">The file's name in the folder.</param>
/// <param name="Length">The length in bytes.</param>
/// <param name="Hash">The <see cref="FileHash"/> of the file.</param>
/// <remarks>
/// The hash detects damage. It does not stop an attacker, who could also replace the list; <see cref="PrivateFolder"/> does.
/// </remarks>
internal sealed record SealedFile(string Name, long Length, string Hash)
{
    /// <summary>Flushes a file to disk and records its length and hash.</summary>
    public static SealedFile Seal(string path, CancellationToken cancellation)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        file.Flush(flushToDisk: true);
        return new(Path.GetFileName(path), file.Length, FileHash.Of(file, cancellation));
    }

    /// <summary>Returns what is wrong with the file before a byte is read; null if it is there in full length.</summary>
    public string? ProblemOfLength(string folder)
    {
        if (Path.GetFileName(Name) != Name)
            return $"its {SealedFolder.EntryName} names '{Name}', which is not a file of the folder";
        var info = new FileInfo(Path.Combine(folder, Name));
        if (!info.Exists)
            return $"its {Name} is missing";
        // A link would lead the engine out of the folder.
        if (info.LinkTarget is not null)
            return $"its {Name} is a link";
        return info.Length == Length ? null : $"its {Name} has {info.Length:N0} bytes, not {Length:N0}";
    }

    /// <summary>Reads the file and returns what is wrong; null if its bytes are as they were written.</summary>
    public string? ProblemOfBytes(string folder, CancellationToken cancellation)
    {
        using var file = InputFile.Open(
            System.IO.Path.Combine(folder, Name), FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        return FileHash.Of(file, cancellation) == Hash ? null : $"its {Name} has other bytes than were written";
    }
}
