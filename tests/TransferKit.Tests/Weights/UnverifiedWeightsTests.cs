using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using TransferKit.WeightSources;

namespace TransferKit.Tests.WeightSources;

/// <summary>Files of which no hash is known are never called verified; those with a pinned hash are held to it.</summary>
public sealed partial class UnverifiedWeightsTests : StoreFixture
{
    private const string Unknown = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_96_no_top.h5";
    private const string Pinned = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5";

    private readonly MemoryLog _log = new();

    [Fact]
    public async Task What_a_mirror_gives_without_a_known_hash_is_unverified_in_the_list_the_check_the_progress_and_the_log()
    {
        var store = Mirrored(Unknown, File.ReadAllBytes(RealWeights.Path));
        await store.FetchAsync(Unknown, progress: new Synchronous(Reports), cancellationToken: Token);

        var listed = Assert.Single(store.List());
        Assert.Equal((CachedWeightsState.Unverified, null), (listed.State, listed.Hash));
        Assert.Equal(CachedWeightsState.Unverified, Assert.Single(await store.VerifyAsync(cancellationToken: Token)).State);
        Assert.Contains("unverified", Reports.Last(p => p.State == WeightDownloadState.Done).Message);
        Assert.Contains(_log.Events, e => e is { Level: LogLevel.Warning, Id.Id: 13 });
        Assert.DoesNotContain(_log.Events, e => e.Id.Name == "Verified");
    }

    [Fact]
    public async Task A_change_since_its_first_use_is_wrong_all_the_same()
    {
        var store = Mirrored(Unknown, File.ReadAllBytes(RealWeights.Path));
        var path = await store.FetchAsync(Unknown, cancellationToken: Token);
        var bytes = File.ReadAllBytes(path);
        bytes[1_000_000] ^= 1;
        File.WriteAllBytes(path, bytes);

        var file = Assert.Single(await store.VerifyAsync(cancellationToken: Token));
        Assert.Equal(CachedWeightsState.Wrong, file.State);
        Assert.Contains("at its first use", file.Problem);
    }

    [Fact]
    public async Task A_mirror_that_changes_a_byte_of_a_file_with_a_pinned_hash_is_refused()
    {
        var bytes = File.ReadAllBytes(RealWeights.Path);
        bytes[1_000_000] ^= 1;
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(
            () => Mirrored(Pinned, bytes).FetchAsync(Pinned, cancellationToken: Token));
        Assert.Contains("its hash is", e.Message);
        Assert.Empty(Directory.GetFiles(Cache, "*.h5"));
    }

    [Fact]
    public void The_pinned_hash_of_the_real_file_is_its_own()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(RealWeights.Path)));
        Assert.Equal($"sha256 {hash}", WeightCatalog.Files[Pinned].HashText);
    }

    [Fact]
    public void Every_hash_of_the_catalog_is_whole_and_only_MobileNetV2s_are_unknown()
    {
        Assert.All(WeightCatalog.Files.Values.Where(f => f.Hash is not null), f => Assert.Matches(Hash(), f.HashText!));
        Assert.All(WeightCatalog.Files.Values.Where(f => f.Hash is null), f => Assert.StartsWith("mobilenet_v2_", f.File));
        // Two files of one hash would be one that was pinned twice.
        var hashes = WeightCatalog.Files.Values.Where(f => f.Hash is not null).Select(f => f.Hash).ToArray();
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    [Fact]
    public async Task Gigabytes_that_are_no_weights_are_named_without_being_read()
    {
        Directory.CreateDirectory(Cache);
        using (var sparse = File.Create(System.IO.Path.Combine(Cache, Unknown)))
            sparse.SetLength(1L << 40);
        var file = Assert.Single(await Store([]).VerifyAsync(cancellationToken: Token));
        Assert.Equal(CachedWeightsState.Wrong, file.State);
        Assert.Contains("not a weight file", file.Problem);
    }

    private WeightStore Mirrored(string name, byte[] content)
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(Root, "mirror")).FullName;
        File.WriteAllBytes(System.IO.Path.Combine(folder, name), content);
        return Store([folder]);
    }

    private WeightStore Store(string[] mirrors) => new(Options() with { Offline = true, Mirrors = mirrors, LoggerFactory = _log });

    [GeneratedRegex("^(md5 [0-9a-f]{32}|sha256 [0-9a-f]{64})$")]
    private static partial Regex Hash();

    private sealed class Synchronous(List<WeightDownloadProgress> told) : IProgress<WeightDownloadProgress>
    {
        public void Report(WeightDownloadProgress value) => told.Add(value);
    }
}
