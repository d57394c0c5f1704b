namespace TransferKit.WeightSources.Store;

/// <summary>
/// A download under way, beside its target. Every few megabytes what has arrived is forced to disk and its length noted:
/// a later try goes on from the last note, whatever befell process or machine in between. That is done while more
/// arrives, and so is the hash.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly CachePaths _paths;
    private readonly int _bytesBetweenMarks;
    private readonly FileStream _file;
    private readonly RunningHash _hash;
    private Task _hashing = Task.CompletedTask;
    private Task _marking = Task.CompletedTask;
    private bool _hashedFromStart;
    private long _marked;

    private PartialFile(CachePaths paths, int bytesBetweenMarks, string hashKind, FileStream file, PartialNote? note)
    {
        (_paths, _bytesBetweenMarks, _hash, _file) = (paths, bytesBetweenMarks, new(hashKind), file);
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

    /// <summary>The hash of what arrived; null where some of it arrived in an earlier try. To be asked once.</summary>
    public string? Hash
    {
        get
        {
            _hashing.Wait();
            return _hashedFromStart ? _hash.Finish() : null;
        }
    }

    public static PartialFile Open(CachePaths paths, int bytesBetweenMarks, string hashKind) => OnDisk(paths, () =>
    {
        CachePaths.DropLink(paths.Part);
        var file = new FileStream(paths.Part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, bufferSize: 0);
        try
        {
            return new PartialFile(paths, bytesBetweenMarks, hashKind, file, PartialNote.Read(paths.PartState));
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
        return (info.Exists ? info.Length : 0, PartialNote.Read(paths.PartState)?.Total);
    }

    public void Reset() => OnDisk(_paths, () =>
    {
        Settle();
        _hash.Finish();
        _hashedFromStart = true;
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

    /// <param name="bytes">Must stay as they are until the next call has returned.</param>
    public void Append(ReadOnlyMemory<byte> bytes) => OnDisk(_paths, () =>
    {
        RandomAccess.Write(_file.SafeFileHandle, bytes.Span, Length);
        Length += bytes.Length;
        if (_hashedFromStart)
        {
            _hashing.Wait();
            _hashing = Task.Run(() => _hash.Append(bytes.Span));
        }
        if (Length - _marked >= _bytesBetweenMarks && _marking.IsCompleted)
        {
            _marking.GetAwaiter().GetResult();
            var length = Length;
            _marking = Task.Run(() => MarkAt(length));
        }
        return true;
    });

    public void Mark() => OnDisk(_paths, () =>
    {
        Settle();
        MarkAt(Length);
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

    public void Dispose()
    {
        try
        {
            Settle();
        }
        catch (Exception e) when (CacheFolderException.IsCause(e))
        {
            // A mark that failed is missing, and nothing else.
        }
        _hash.Dispose();
        _file.Dispose();
        if (Length == 0)
            DeleteEmpty();
    }

    // A download that brought nothing leaves nothing.
    private void DeleteEmpty()
    {
        try
        {
            if (new FileInfo(_paths.Part) is { Exists: true, Length: 0 })
                File.Delete(_paths.Part);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next try finds it, and begins at its start.
        }
    }

    private void MarkAt(long length)
    {
        RandomAccess.FlushToDisk(_file.SafeFileHandle);
        _marked = length;
        Note();
    }

    // What goes on beside is brought to its end.
    private void Settle()
    {
        _hashing.Wait();
        var marking = _marking;
        _marking = Task.CompletedTask;
        marking.GetAwaiter().GetResult();
    }

    private void Note() => SmallJson.Write(_paths.PartState, new PartialNote(Address, Validator, Total, _marked));

    private static T OnDisk<T>(CachePaths paths, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (CacheFolderException.IsCause(e))
        {
            throw new CacheFolderException(paths.Folder, e);
        }
    }

    private sealed record PartialNote(string? Address, string? Validator, long? Total, long Length)
    {
        public static PartialNote? Read(string path) => SmallJson.Read(path, note => new PartialNote(
            note.GetProperty(nameof(Address)).GetString(), note.GetProperty(nameof(Validator)).GetString(),
            SmallJson.Number(note, nameof(Total)), SmallJson.Number(note, nameof(Length)) ?? 0));
    }
}

/// <summary>The cache folder cannot be written: no right, no space, read-only. Never leaves the store.</summary>
internal sealed class CacheFolderException(string folder, Exception cause) : Exception(cause.Message, cause)
{
    public string Folder { get; } = folder;

    /// <summary>Whether an exception means this; a file that the file system lets grow no further is none of the I/O ones.</summary>
    public static bool IsCause(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;
}
