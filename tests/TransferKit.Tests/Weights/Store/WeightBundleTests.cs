using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace TransferKit.Tests.WeightSources.Store;

public sealed class WeightBundleTests : StoreFixture
{
    private const string Small = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5";
    private const string Unknown96 = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_96_no_top.h5";
    private const string Unknown128 = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_128_no_top.h5";
    private const string Vgg16 = "vgg16_weights_tf_dim_ordering_tf_kernels.h5";
    private const string Vgg16Hash = "md5:64373286793e3c8b2b4e3219cbf3544b";
    private static readonly byte[] Real = File.ReadAllBytes(RealWeights.Path);
    private static readonly string RealHash = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Real))}";

    private string Bundle => System.IO.Path.Combine(Root, "bundle.zip");
    private WeightStore Store => new(new() { CacheDirectory = Cache, Offline = true });

    [Fact]
    public async Task A_bundle_carries_files_to_a_machine_without_a_network()
    {
        var from = new WeightStore(new()
        {
            CacheDirectory = System.IO.Path.Combine(Root, "from"),
            Offline = true,
            Mirrors = [System.IO.Path.GetDirectoryName(RealWeights.Path)!],
        });
        await from.ExportAsync(Bundle, [Small], cancellationToken: Token);
        for (var time = 0; time < 2; time++)
        {
            var file = Assert.Single(await Store.ImportAsync(Bundle, cancellationToken: Token));
            Assert.Equal((Small, CachedWeightsState.Verified), (file.File, file.State));
        }
        Assert.Equal(Real, File.ReadAllBytes(System.IO.Path.Combine(Cache, Small)));
        Assert.Equal(
            [Small, Small + ".lock", Small + ".verified.json"], Directory.GetFiles(Cache).Select(System.IO.Path.GetFileName).Order());
        Assert.Equal(Bundle, Assert.Single(Directory.GetFiles(Root)));
    }

    [Fact]
    public async Task A_file_that_changed_unseen_is_not_exported()
    {
        Directory.CreateDirectory(Cache);
        var path = System.IO.Path.Combine(Cache, Small);
        File.WriteAllBytes(path, Real);
        await Store.FetchAsync(Small, cancellationToken: Token);
        var time = File.GetLastWriteTimeUtc(path);
        File.WriteAllBytes(path, Flipped());
        File.SetLastWriteTimeUtc(path, time);
        await Assert.ThrowsAsync<WeightsFormatException>(() => Store.ExportAsync(Bundle, [Small], cancellationToken: Token));
        Assert.Empty(Directory.GetFiles(Root));
    }

    [Fact]
    public async Task A_bundle_that_cannot_be_written_or_is_not_there_is_an_error_that_names_it()
    {
        var mirrored = new WeightStore(
            new() { CacheDirectory = Cache, Offline = true, Mirrors = [System.IO.Path.GetDirectoryName(RealWeights.Path)!] });
        await Assert.ThrowsAsync<OutputFileException>(
            () => mirrored.ExportAsync(System.IO.Path.Combine(Root, "absent", "b.zip"), [Small], cancellationToken: Token));
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.ImportAsync(Bundle, cancellationToken: Token));
    }

    [Fact]
    public async Task A_file_that_is_wrong_in_the_cache_gives_way_to_the_bundles()
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllBytes(System.IO.Path.Combine(Cache, Small), Content);
        Write([(Small, Real, RealHash)]);
        await Store.ImportAsync(Bundle, cancellationToken: Token);
        Assert.Equal(Real, File.ReadAllBytes(System.IO.Path.Combine(Cache, Small)));
        Assert.Equal(Content, File.ReadAllBytes(System.IO.Path.Combine(Cache, Small + ".rejected")));
    }

    [Theory]
    [InlineData("../evil.h5")]
    [InlineData("/tmp/evil.h5")]
    [InlineData("..\\evil.h5")]
    [InlineData("C:\\evil.h5")]
    [InlineData("folder/" + Vgg16)]
    [InlineData("unknown.h5")]
    public async Task Names_that_are_not_those_of_Keras_files_are_refused(string name)
    {
        Write([(name, Content, "md5:0")]);
        await RefusedAsync("not one of Keras");
        // Nor beside what the manifest names.
        Write([(Small, Real, RealHash)], zip => Add(zip, name, Content));
        await RefusedAsync("");
    }

    [Fact]
    public async Task Links_are_refused()
    {
        Write(
            [], zip => Add(zip, Small, "/etc/passwd"u8.ToArray()).ExternalAttributes = unchecked((int)0xA1FF0000), [(Small, 11, RealHash)]);
        await RefusedAsync("a link");
    }

    [Fact]
    public async Task A_file_of_another_hash_than_its_own_is_refused()
    {
        Write([(Vgg16, Content, Vgg16Hash)]);
        await RefusedAsync("its hash is");
        Write([(Vgg16, Content, Vgg16Hash.Replace('6', '7'))]);
        await RefusedAsync("but the file's is md5");
        Write([(Small, Flipped(), RealHash)]);
        await RefusedAsync("its hash is");
        Write([(Small, Content, $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Content))}")]);
        await RefusedAsync("");
    }

    [Fact]
    public async Task More_than_the_manifest_says_is_refused_before_it_is_unpacked()
    {
        Write([], zip => Add(zip, Vgg16, new byte[50_000_000], CompressionLevel.Fastest), [(Vgg16, 1000, Vgg16Hash)]);
        await RefusedAsync("size differs");
        Write([], zip => Add(zip, Vgg16, new byte[50_000_000], CompressionLevel.Fastest), [(Vgg16, 50_000_000, Vgg16Hash)]);
        await RefusedAsync("compressed");
        Write([], zip => Add(zip, Vgg16, Content), [(Vgg16, Content.Length, Vgg16Hash), (Vgg16, Content.Length, Vgg16Hash)]);
        await RefusedAsync("several times");
        Write([], zip =>
        {
            Add(zip, Vgg16, Content);
            Add(zip, Vgg16, Content);
        }, [(Vgg16, Content.Length, Vgg16Hash)]);
        await RefusedAsync("2 times");
    }

    [Fact]
    public async Task A_sum_that_differs_from_the_zips_own_is_damage()
    {
        Write([(Small, Real, RealHash)]);
        var bytes = File.ReadAllBytes(Bundle);
        foreach (var table in Tables(bytes))
        {
            var damaged = (byte[])bytes.Clone();
            damaged[table + 16] ^= 1;
            File.WriteAllBytes(Bundle, damaged);
            await RefusedAsync("CRC");
        }
    }

    [Fact]
    public async Task Files_that_share_their_bytes_are_refused()
    {
        Write([(Unknown96, Real, RealHash), (Unknown128, Real, RealHash)]);
        var bytes = File.ReadAllBytes(Bundle);
        int[] tables = [.. Tables(bytes)];
        var (first, second) = (BitConverter.ToInt32(bytes, tables[1] + 42), BitConverter.ToInt32(bytes, tables[2] + 42));
        var end = bytes.Length - 22;
        BitConverter.TryWriteBytes(bytes.AsSpan(tables[2] + 42), first);
        BitConverter.TryWriteBytes(bytes.AsSpan(end + 16), second);
        File.WriteAllBytes(Bundle, [.. bytes.AsSpan(0, second), .. bytes.AsSpan(tables[0])]);
        await RefusedAsync("overlap");
    }

    [Fact]
    public async Task A_table_of_contents_that_would_fill_the_memory_is_refused_unread()
    {
        Write([(Small, Real, RealHash)], zip =>
        {
            for (var i = 0; i < 20_000; i++)
                zip.CreateEntry($"{i}-{new string('x', 60)}");
        });
        await RefusedAsync("table of contents");
    }

    [Fact]
    public async Task A_file_above_the_limit_is_refused()
    {
        Write([(Small, Real, RealHash)]);
        var store = new WeightStore(new() { CacheDirectory = Cache, Offline = true, MaxDownloadBytes = Real.Length - 1 });
        var e = await Assert.ThrowsAsync<WeightsFormatException>(() => store.ImportAsync(Bundle, cancellationToken: Token));
        Assert.Contains("MaxDownloadBytes", e.Message);
        Assert.False(Directory.Exists(Cache));
    }

    [Fact]
    public async Task A_file_of_which_no_hash_is_known_stays_unverified()
    {
        Write([(Unknown96, Real, RealHash)]);
        var file = Assert.Single(await Store.ImportAsync(Bundle, cancellationToken: Token));
        Assert.Equal((CachedWeightsState.Unverified, null), (file.State, file.Hash));
    }

    [Fact]
    public async Task What_is_no_bundle_is_called_that()
    {
        File.WriteAllText(Bundle, "<html>");
        await RefusedAsync("not a complete zip");
        Write([(Small, Real, RealHash)]);
        File.WriteAllBytes(Bundle, File.ReadAllBytes(Bundle)[..^1000]);
        await RefusedAsync("not a complete zip");
        using (var zip = ZipFile.Open(Bundle + "2", ZipArchiveMode.Create))
            Add(zip, Small, Real);
        File.Move(Bundle + "2", Bundle, overwrite: true);
        await RefusedAsync("holds no transferkit-weights.json");
        string[] manifests =
        [
            "{", "[]", "{}", "null", """{"Format":"other/1","Files":[]}""", """{"Format":"transferkit-weights/1","Files":[null]}""",
            new string(' ', 2 << 20),
        ];
        foreach (var manifest in manifests)
        {
            using (var zip = ZipFile.Open(Bundle + "2", ZipArchiveMode.Create))
                Add(zip, "transferkit-weights.json", System.Text.Encoding.UTF8.GetBytes(manifest), CompressionLevel.Fastest);
            File.Move(Bundle + "2", Bundle, overwrite: true);
            await RefusedAsync("");
        }
    }

    private async Task RefusedAsync(string says)
    {
        var e = await Assert.ThrowsAsync<WeightsFormatException>(() => Store.ImportAsync(Bundle, cancellationToken: Token));
        Assert.Contains(says, e.Message);
        Assert.Contains(Bundle, e.Message);
        // The cache holds only the lock of the file with the wrong hash, and nothing was written outside the cache.
        if (Directory.Exists(Cache))
            Assert.All(Directory.GetFileSystemEntries(Cache), f => Assert.EndsWith(".lock", f));
        Assert.Equal(Bundle, Assert.Single(Directory.GetFiles(Root)));
        Assert.False(File.Exists("/tmp/evil.h5"));
    }

    private void Write(
        (string Name, byte[] Content, string Hash)[] files, Action<ZipArchive>? more = null,
        (string Name, long Size, string Hash)[]? manifest = null)
    {
        File.Delete(Bundle);
        using var zip = ZipFile.Open(Bundle, ZipArchiveMode.Create);
        manifest ??= [.. files.Select(f => (f.Name, f.Content.LongLength, f.Hash))];
        Add(zip, "transferkit-weights.json", JsonSerializer.SerializeToUtf8Bytes(new
        {
            Format = "transferkit-weights/1",
            Files = manifest.Select(f => new { File = f.Name, f.Size, f.Hash }),
        }));
        foreach (var (name, content, _) in files)
            Add(zip, name, content);
        more?.Invoke(zip);
    }

    private static ZipArchiveEntry Add(ZipArchive zip, string name, byte[] content, CompressionLevel level = CompressionLevel.NoCompression)
    {
        var entry = zip.CreateEntry(name, level);
        using var stream = entry.Open();
        stream.Write(content);
        return entry;
    }

    // The table of contents names the manifest first, then the others in their order.
    private static IEnumerable<int> Tables(byte[] zip)
    {
        for (var at = BitConverter.ToInt32(zip, zip.Length - 22 + 16); BitConverter.ToUInt32(zip, at) == 0x02014b50;)
        {
            yield return at;
            at += 46 + BitConverter.ToUInt16(zip, at + 28) + BitConverter.ToUInt16(zip, at + 30);
        }
    }

    private static byte[] Flipped()
    {
        var content = (byte[])Real.Clone();
        content[1_000_000] ^= 1;
        return content;
    }
}
