using System.IO.Hashing;

namespace TransferKit.Common;

/// <summary>
/// Computes XXH128 hashes of streams. The hash detects changed files at reading speed; it does not resist deliberate collisions.
/// </summary>
internal static class FileHash
{
    public static string Of(Stream file, CancellationToken cancellation = default)
    {
        var hash = new XxHash128();
        // A small buffer stays in the processor's cache and takes little fresh memory.
        var buffer = new byte[1 << 16];
        for (int read; (read = file.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.Append(buffer.AsSpan(0, read));
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
