using TransferKit.Common;

namespace TransferKit.WeightSources.Store;

/// <summary>
/// Represents a download in progress, in a file beside its target. Every few megabytes the file is flushed to disk and its length is
/// recorded. After a crash of process or machine, the next attempt resumes at the last record. Flushing and hashing run while more bytes
/// arrive.
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

    /// <summary>Gets the address of the bytes, and the server's strong validator of them (ETag or date) if it sent one.</summary>
    public string? Address { get; private set; }
    public string? Validator { get; private set; }

    /// <summary>Gets the hash of the file; null if an earlier attempt received a part of it. It can be read only once.</summary>
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
        CachePaths.DeleteLink(paths.Part);
        InputFile.ThrowIfSpecial(paths.Part);
        var file = new FileStream(
            paths.Part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, bufferSize: 0);
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

    /// <summary>Gets the progress of another process: the bytes received, and the total if it is known.</summary>
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

    /// <summary>Records where the following bytes come from.</summary>
    public void Begin(string address, string? validator, long? total)
    {
        (Address, Validator, Total) = (address, validator, total);
        OnDisk(_paths, () =>
        {
            Note();
            return true;
        });
    }

    /// <param name="bytes">The received bytes, which must stay unchanged until the next call has returned.</param>
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

    /// <summary>Renames the complete file to its target, atomically.</summary>
    public static void Finish(CachePaths paths) => OnDisk(paths, () =>
    {
        File.Move(paths.Part, paths.Target, overwrite: true);
        File.Delete(paths.PartState);
        return true;
    });

    /// <summary>Moves a file that failed its check out of the way, so that the next attempt starts at zero.</summary>
    public static void Reject(CachePaths paths) => OnDisk(paths, () =>
    {
        File.Delete(paths.PartState);
        paths.Reject(paths.Part);
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
            // The last record is lost; the next attempt resumes at the one before.
        }
        _hash.Dispose();
        _file.Dispose();
        if (Length == 0)
            DeleteEmpty();
    }

    // An attempt that received nothing leaves no file.
    private void DeleteEmpty()
    {
        try
        {
            if (new FileInfo(_paths.Part) is { Exists: true, Length: 0 })
                File.Delete(_paths.Part);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next attempt opens the empty file and starts at zero.
        }
    }

    private void MarkAt(long length)
    {
        RandomAccess.FlushToDisk(_file.SafeFileHandle);
        _marked = length;
        Note();
    }

    // Waits for hashing and flushing in the background.
    private void Settle()
    {
        _hashing.Wait();
        var marking = _marking;
        _marking = Task.CompletedTask;
        marking.GetAwaiter().GetResult();
    }

    private void Note() => JsonFile.Write(_paths.PartState, new(Address, Validator, Total, _marked), StoreJson.Default.PartialNote);

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

    internal sealed record PartialNote(string? Address, string? Validator, long? Total, long Length)
    {
        public static PartialNote? Read(string path) => JsonFile.Read(path, note => new PartialNote(
            note.GetProperty(nameof(Address)).GetString(), note.GetProperty(nameof(Validator)).GetString(),
            JsonFile.Number(note, nameof(Total)), JsonFile.Number(note, nameof(Length)) ?? 0));
    }
}

/// <summary>Thrown when the cache folder cannot be written: no permission, no space, read-only. It is caught inside the store.</summary>
internal sealed class CacheFolderException(string folder, Exception cause) : Exception(cause.Message, cause)
{
    public string Folder { get; } = folder;

    /// <summary>
    /// Gets whether an exception has this cause. A file at the size limit of its file system throws an
    /// <see cref="ArgumentOutOfRangeException"/>.
    /// </summary>
    public static bool IsCause(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;
}
