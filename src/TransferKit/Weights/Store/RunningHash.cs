using System.Security.Cryptography;

namespace TransferKit.WeightSources.Store;

/// <summary>The hash of bytes as they come by.</summary>
/// <param name="kind"><c>md5</c> or <c>sha256</c>, or a hash that begins so.</param>
internal sealed class RunningHash(string kind) : IDisposable
{
    private readonly string _algorithm = kind.Split(':')[0];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(kind.StartsWith("md5", StringComparison.Ordinal) ? HashAlgorithmName.MD5 : HashAlgorithmName.SHA256);

    public void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    /// <summary><c>md5:…</c> or <c>sha256:…</c>.</summary>
    public string Finish() => $"{_algorithm}:{Convert.ToHexStringLower(_hash.GetHashAndReset())}";

    public void Dispose() => _hash.Dispose();
}
