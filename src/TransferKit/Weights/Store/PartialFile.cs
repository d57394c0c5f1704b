namespace TransferKit.WeightSources;

/// <summary>
/// A download under way, beside its target. Every few megabytes what has arrived is forced to disk and its length noted:
/// a later try goes on from the last note, whatever befell process or machine in between.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly CachePaths _paths;
    private readonly int _bytesBetweenMarks;
    private readonly FileStream _file;
    private long _marked;

    private PartialFile(CachePaths paths, int bytesBetweenMarks, FileStream file, PartialNote? note)
    {
        (_paths, _bytesBetweenMarks, _file) = (paths, bytesBetweenMarks, file);
        if (note is null || note.Length > file.Length)
        {
            Reset();
            return;
        }
        (Length, Total, Address, Validator, _marked) = (note.Length, note.Total, note.Address, note.Validator, note.Length);
        file.SetLength(Length);
    }

    public long Length { get; private set; }
    public long? Total { get; private set; }

    /// <summary>Where the bytes are from, and the server's strong validator of them (ETag or date), if it gave one.</summary>
    public string? Address { get; private set; }
    public string? Validator { get; private set; }

    public static PartialFile Open(CachePaths paths, int bytesBetweenMarks) => OnDisk(paths, () =>
    {
        var file = new FileStream(paths.Part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, bufferSize: 0);
        try
        {
            return new PartialFile(paths, bytesBetweenMarks, file, SmallJson.Read<PartialNote>(paths.PartState));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    });

    /// <summary>How far another process has come: bytes, and what there will be.</summary>
    public static (long Length, long? Total) Peek(CachePaths paths)
    {
        var info = new FileInfo(paths.Part);
        return (info.Exists ? info.Length : 0, SmallJson.Read<PartialNote>(paths.PartState)?.Total);
    }

    public void Reset() => OnDisk(_paths, () =>
    {
        (Length, Total, Address, Validator, _marked) = (0, null, null, null, 0);
        File.Delete(_paths.PartState);
        _file.SetLength(0);
        return true;
    });

    /// <summary>Notes where the coming bytes are from.</summary>
    public void Begin(string address, string? validator, long? total)
    {
        (Address, Validator, Total) = (address, validator, total);
        OnDisk(_paths, () =>
        {
            Note();
            return true;
        });
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_file.SafeFileHandle, bytes, Length);
            Length += bytes.Length;
            if (Length - _marked >= _bytesBetweenMarks)
                Mark();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CacheFolderException(_paths.Folder, e);
        }
    }

    public void Mark() => OnDisk(_paths, () =>
    {
        _file.Flush(flushToDisk: true);
        _marked = Length;
        Note();
        return true;
    });

    /// <summary>Puts the whole file in its place, at once.</summary>
    public static void Finish(CachePaths paths) => OnDisk(paths, () =>
    {
        File.Move(paths.Part, paths.Target, overwrite: true);
        File.Delete(paths.PartState);
        return true;
    });

    /// <summary>Moves what arrived and is wrong out of the way, so that the next try starts from nothing.</summary>
    public static void SetAside(CachePaths paths) => OnDisk(paths, () =>
    {
        File.Delete(paths.PartState);
        paths.SetAside(paths.Part);
        return true;
    });

    public void Dispose() => _file.Dispose();

    private void Note() => SmallJson.Write(_paths.PartState, new PartialNote(Address, Validator, Total, _marked));

    private static T OnDisk<T>(CachePaths paths, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CacheFolderException(paths.Folder, e);
        }
    }

    private sealed record PartialNote(string? Address, string? Validator, long? Total, long Length);
}

/// <summary>The cache folder cannot be written: no right, no space, read-only. Never leaves the store.</summary>
internal sealed class CacheFolderException(string folder, Exception cause) : Exception(cause.Message, cause)
{
    public string Folder { get; } = folder;
}
