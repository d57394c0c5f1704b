using TransferKit.Common;
using TransferKit.WeightSources.Files;

namespace TransferKit.WeightSources.Store;

/// <summary>Represents a file that matches its catalog entry, by its hash or, if none is known, by structure and layers.</summary>
/// <param name="Path">The path of the file.</param>
/// <param name="Hash">Its hash with the algorithm's name, <c>md5:…</c> or <c>sha256:…</c>.</param>
internal sealed record VerifiedFile(string Path, string Hash)
{
    /// <summary>Gets whether it was downloaded just now.</summary>
    public bool IsDownloaded { get; init; }
}

/// <summary>Records a verification in a note beside the file, so that later starts need not repeat it.</summary>
internal sealed record VerifiedNote(long Size, long ModifiedTicks, string Hash)
{
    public static VerifiedNote? Read(string path) => JsonFile.Read(path, note => new VerifiedNote(
        JsonFile.Number(note, nameof(Size)) ?? 0,
        JsonFile.Number(note, nameof(ModifiedTicks)) ?? 0,
        note.GetProperty(nameof(Hash)).GetString()!));
}

/// <summary>
/// Verifies files by their known hash. If none is known, it checks the HDF5 structure, the layers and the SHA-256 of the first use; that
/// detects damage but proves no origin.
/// </summary>
internal static class Verification
{
    /// <summary>Returns the file if an earlier verification is recorded and size and time are unchanged; otherwise null.</summary>
    public static VerifiedFile? Remembered(CatalogEntry entry, string path, string sidecar)
    {
        if (VerifiedNote.Read(sidecar) is not { } note || !Agrees(entry, note.Hash))
            return null;
        try
        {
            using var file = InputFile.Open(path, bufferSize: 0);
            return Stamp(file.SafeFileHandle) == (note.Size, note.ModifiedTicks) ? new VerifiedFile(path, note.Hash) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Verifies a file by reading it, unless its hash was computed while it was written. Throws <see cref="VerificationException"/> if the
    /// file is wrong.
    /// </summary>
    /// <param name="entry">The catalog entry that the file must match.</param>
    /// <param name="path">The path of the file.</param>
    /// <param name="sidecar">The path of the note of an earlier verification, of which only the hash is used.</param>
    /// <param name="fits">Throws if the layers of a file without a known hash do not fit, and disposes the file.</param>
    /// <param name="cancellation">The token to cancel reading.</param>
    /// <param name="hash">
    /// The hash computed while the file was written, if no other process can have changed it; null to read the file.
    /// </param>
    public static VerifiedNote Verify(
        CatalogEntry entry, string path, string sidecar, Action<WeightFile>? fits, CancellationToken cancellation, string? hash = null)
    {
        try
        {
            using var stream = InputFile.Open(path, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var (size, time) = Stamp(stream.SafeFileHandle);
            // Checked first, so that a large file of another format is not read to its end.
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
                {
                    throw new VerificationException(
                        $"its hash is {hash}, but was {note.Hash} at its first use (if the file is correct, delete '{sidecar}')");
                }
                LookInside(path, fits);
            }
            return new VerifiedNote(size, time, hash);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VerificationException($"it cannot be read ({e.Message})", e);
        }
    }

    /// <summary>Makes the next use verify the file again. The hash of the first use stays recorded.</summary>
    public static void Forget(string sidecar)
    {
        try
        {
            if (VerifiedNote.Read(sidecar) is { } note)
                JsonFile.Write(sidecar, note with { Size = -1 }, StoreJson.Default.VerifiedNote);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Only the note is not updated; the caller still reports the problem.
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
        if (!head.AsSpan(0, length).StartsWith(FileSignature.Hdf5Signature))
            throw new VerificationException($"it is not a weight file: {FileSignature.Describe(head.AsSpan(0, length))}");
    }
}

/// <summary>Thrown when a file is wrong; the message says why. It is caught inside the store.</summary>
internal sealed class VerificationException(string message, Exception? innerException = null) : Exception(message, innerException);
