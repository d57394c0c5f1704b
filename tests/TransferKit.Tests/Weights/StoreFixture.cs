using System.Security.Cryptography;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Files;
using TransferKit.WeightSources.Store;

namespace TransferKit.Tests.WeightSources;

/// <summary>Provides a temporary cache folder and a small file for it.</summary>
public abstract class StoreFixture : IDisposable
{
    internal static readonly byte[] Content = MakeContent(300_000);

    protected string Root { get; } = Directory.CreateTempSubdirectory("transferkit-").FullName;
    protected string Cache => System.IO.Path.Combine(Root, "models");
    protected string Target => System.IO.Path.Combine(Cache, "weights.h5");
    protected static CancellationToken Token => TestContext.Current.CancellationToken;
    internal List<WeightDownloadProgress> Reports { get; } = [];

    public virtual void Dispose()
    {
        GC.SuppressFinalize(this);
        Directory.Delete(Root, recursive: true);
    }

    /// <summary>Creates content with the signature of HDF5. The store verifies its hash and reads nothing else.</summary>
    internal static byte[] MakeContent(int length, int seed = 1)
    {
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        FileSignature.Hdf5Signature.CopyTo(content);
        return content;
    }

    internal static CatalogEntry Entry(Uri url, byte[]? content = null) => new()
    {
        File = "weights.h5",
        Url = url.AbsoluteUri,
        Algorithm = "sha256",
        Hash = Convert.ToHexStringLower(SHA256.HashData(content ?? Content)),
    };

    internal static CatalogEntry EntryWithoutHash(Uri url) => new() { File = "weights.h5", Url = url.AbsoluteUri };

    internal WeightStoreOptions Options(int maxTries = 4, double stallSeconds = 10, int marks = 1 << 14) => new()
    {
        CacheDirectory = Cache,
        Offline = false,
        MaxTries = maxTries,
        RetryDelay = TimeSpan.FromMilliseconds(5),
        MaxRetryDelay = TimeSpan.FromMilliseconds(200),
        StallTimeout = TimeSpan.FromSeconds(stallSeconds),
        BytesBetweenMarks = marks,
    };

    internal Task<VerifiedFile> EnsureAsync(CatalogEntry entry, WeightStoreOptions? options = null, Action<WeightFile>? fits = null) =>
        new WeightStore(options ?? Options()).EnsureAsync(entry, fits, new Listener(Reports), Token);

    internal void AssertGood(VerifiedFile file, byte[]? content = null)
    {
        Assert.Equal(Target, file.Path);
        Assert.Equal(content ?? Content, File.ReadAllBytes(Target));
        Assert.False(File.Exists(Target + ".part"));
        Assert.False(File.Exists(Target + ".part.json"));
    }

    private sealed class Listener(List<WeightDownloadProgress> told) : IProgress<WeightDownloadProgress>
    {
        public void Report(WeightDownloadProgress value)
        {
            lock (told)
                told.Add(value);
        }
    }
}
