using System.Security.Cryptography;

namespace TransferKit.WeightSources.Store;

/// <summary>Computes the hash of bytes as they arrive.</summary>
/// <param name="kind">The algorithm, <c>md5</c> or <c>sha256</c>, or a hash that starts with it.</param>
internal sealed class RunningHash(string kind) : IDisposable
{
    private readonly string _algorithm = kind.Split(':')[0];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(
        kind.StartsWith("md5", StringComparison.Ordinal) ? HashAlgorithmName.MD5 : HashAlgorithmName.SHA256);

    public void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    /// <summary>Returns the hash as <c>md5:…</c> or <c>sha256:…</c>, and starts a new one.</summary>
    public string Finish() => $"{_algorithm}:{Convert.ToHexStringLower(_hash.GetHashAndReset())}";

    public void Dispose() => _hash.Dispose();
}
