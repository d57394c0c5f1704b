using TransferKit.WeightSources.Files;

namespace TransferKit.WeightSources.Store;

/// <summary>A file that matches its catalog entry: by its hash, or by structure and layers where no hash is known.</summary>
/// <param name="Path">The file.</param>
/// <param name="Hash">Its hash with the algorithm's name, <c>md5:…</c> or <c>sha256:…</c>.</param>
internal sealed record VerifiedFile(string Path, string Hash);

/// <summary>What a verification learned, kept beside the file so that it is not paid at every start.</summary>
internal sealed record VerifiedNote(long Size, long ModifiedTicks, string Hash)
{
    public static VerifiedNote? Read(string path) => SmallJson.Read(path, note => new VerifiedNote(
        SmallJson.Number(note, nameof(Size)) ?? 0, SmallJson.Number(note, nameof(ModifiedTicks)) ?? 0, note.GetProperty(nameof(Hash)).GetString()!));
}

/// <summary>
/// Whether a file is what it should be: by its known hash; where none is known, by its HDF5 structure and layers, and by the
/// SHA-256 that was noted when it was first seen. That finds damage, and vouches for nothing.
/// </summary>
internal static class Verification
{
    /// <summary>The file, if it was verified before and has the same size and time since.</summary>
    public static VerifiedFile? Remembered(CatalogEntry entry, string path, string sidecar)
    {
        if (VerifiedNote.Read(sidecar) is not { } note || !Agrees(entry, note.Hash))
            return null;
        try
        {
            using var handle = File.OpenHandle(path);
            return Stamp(handle) == (note.Size, note.ModifiedTicks) ? new VerifiedFile(path, note.Hash) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads the whole file, unless its hash was taken as it came. Throws <see cref="VerificationException"/> where it is not what it should be.</summary>
    /// <param name="entry">What the file should be.</param>
    /// <param name="path">The file.</param>
    /// <param name="sidecar">The note of an earlier verification; only its hash counts here.</param>
    /// <param name="fits">Looks at the layers of a file without a known hash; throws what does not fit. Owns the file.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <param name="hash">The hash of the file as it was written by who alone could; null to read it.</param>
    public static VerifiedNote Verify(
        CatalogEntry entry, string path, string sidecar, Action<WeightFile>? fits, CancellationToken cancellation, string? hash = null)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var (size, time) = Stamp(stream.SafeFileHandle);
            // Gigabytes of something else are not read to their end.
            if (hash is null)
                ThrowIfNotHdf5(stream);
            hash ??= ComputeHash(entry.HashKind, stream, cancellation);
            if (entry.Hash is not null)
            {
                if (!Agrees(entry, hash))
                    throw new VerificationException($"its hash is {hash.Replace(':', ' ')}, not {entry.HashText}");
            }
            else
            {
                if (VerifiedNote.Read(sidecar) is { } note && note.Hash != hash)
                    throw new VerificationException($"its hash is {hash}, and was {note.Hash} when it was first downloaded (if it is right as it is now, delete '{sidecar}')");
                LookInside(path, fits);
            }
            return new VerifiedNote(size, time, hash);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VerificationException($"it cannot be read ({e.Message})", e);
        }
    }

    /// <summary>Sees to it that the file is verified again; the hash that it had at first stays.</summary>
    public static void Forget(string sidecar)
    {
        try
        {
            if (VerifiedNote.Read(sidecar) is { } note)
                SmallJson.Write(sidecar, note with { Size = -1 });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What is wrong with the file is said all the same.
        }
    }

    private static void LookInside(string path, Action<WeightFile>? fits)
    {
        try
        {
            var file = WeightFile.Open(path);
            if (fits is null)
                file.Dispose();
            else
                fits(file);
        }
        catch (TransferKitException e)
        {
            throw new VerificationException(e.Message, e);
        }
    }

    private static bool Agrees(CatalogEntry entry, string hash) =>
        entry.Hash is null ? hash.StartsWith("sha256:", StringComparison.Ordinal)
        : hash.Equals($"{entry.Algorithm}:{entry.Hash}", StringComparison.OrdinalIgnoreCase);

    private static (long Size, long ModifiedTicks) Stamp(Microsoft.Win32.SafeHandles.SafeFileHandle file) =>
        (RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file).Ticks);

    private static string ComputeHash(string kind, FileStream stream, CancellationToken cancellation)
    {
        using var hash = new RunningHash(kind);
        var buffer = new byte[1 << 20];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.Append(buffer.AsSpan(0, read));
        }
        return hash.Finish();
    }

    private static void ThrowIfNotHdf5(FileStream stream)
    {
        var head = new byte[64];
        var length = RandomAccess.Read(stream.SafeFileHandle, head, 0);
        if (!head.AsSpan(0, length).StartsWith(FileLook.Hdf5Signature))
            throw new VerificationException($"it is no weight file: {FileLook.Describe(head.AsSpan(0, length))}");
    }
}

/// <summary>A file is not what it should be; the message says how. Never leaves the store.</summary>
internal sealed class VerificationException(string message, Exception? innerException = null) : Exception(message, innerException);
