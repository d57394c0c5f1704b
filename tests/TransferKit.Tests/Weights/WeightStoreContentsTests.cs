namespace TransferKit.Tests.WeightSources;

public sealed class WeightStoreContentsTests : StoreFixture
{
    private const string Small = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5";
    private const string Vgg16 = "vgg16_weights_tf_dim_ordering_tf_kernels.h5";

    private WeightStore Store => new(new() { CacheDirectory = Cache, Offline = true });

    [Fact]
    public async Task The_list_says_what_is_there_and_how_it_stands_with_it()
    {
        Assert.Empty(Store.List());
        Put(Small, File.ReadAllBytes(RealWeights.Path));
        Put("vgg19_weights_tf_dim_ordering_tf_kernels.h5.part", Content);
        Put("xception_weights_tf_dim_ordering_tf_kernels.h5.rejected", Content);
        Directory.CreateDirectory(System.IO.Path.Combine(Cache, Vgg16));
        Put("somebody_elses.h5", Content);

        Assert.Equal(
            [CachedWeightsState.Unverified, CachedWeightsState.Wrong, CachedWeightsState.Partial, CachedWeightsState.Rejected],
            Store.List().Select(f => f.State));
        Assert.Equal(Content.Length, Store.List()[2].Size);

        await Store.FetchAsync(Small, cancellationToken: Token);
        Assert.Equal(CachedWeightsState.Verified, Store.List()[0].State);
        Assert.Equal(Store.PathOf("mobilenet_v2(alpha=0.35,size=224)", includeTop: false), Store.List()[0].Path);
    }

    [Fact]
    public async Task Verifying_finds_what_size_and_time_do_not_show()
    {
        Put(Small, File.ReadAllBytes(RealWeights.Path));
        Put(Vgg16, Content);
        var path = await Store.FetchAsync(Small, cancellationToken: Token);
        var time = File.GetLastWriteTimeUtc(path);
        using (var file = File.Open(path, FileMode.Open))
        {
            file.Position = 1_000_000;
            var value = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(value ^ 1));
        }
        File.SetLastWriteTimeUtc(path, time);
        Assert.Equal(CachedWeightsState.Verified, Store.List()[0].State);

        var found = await Store.VerifyAsync(cancellationToken: Token);

        Assert.Equal([CachedWeightsState.Wrong, CachedWeightsState.Wrong], found.Select(f => f.State));
        Assert.Contains("098d572777eb8d5ff92396fc82758fb8dfe4ddfd578e3e89a7197f0e76b79931", found[0].Problem);
        Assert.Contains("64373286793e3c8b2b4e3219cbf3544b", found[1].Problem);
        // The store also refuses to use the file.
        await Assert.ThrowsAsync<WeightsUnavailableException>(() => Store.FetchAsync(Small, cancellationToken: Token));
    }

    [Fact]
    public async Task Removing_takes_everything_of_a_file_and_nothing_else()
    {
        Put(Small, File.ReadAllBytes(RealWeights.Path));
        await Store.FetchAsync(Small, cancellationToken: Token);
        Put(Vgg16, Content);
        foreach (var end in new[] { ".part", ".part.json", ".rejected" })
            Put(Small + end, Content);
        var outside = System.IO.Path.Combine(Root, "outside");
        File.WriteAllBytes(outside, Content);
        File.CreateSymbolicLink(System.IO.Path.Combine(Cache, "xception_weights_tf_dim_ordering_tf_kernels.h5"), outside);

        Assert.True(await Store.RemoveAsync(Small, cancellationToken: Token));
        Assert.True(await Store.RemoveAsync("xception", cancellationToken: Token));
        Assert.False(await Store.RemoveAsync(Small, cancellationToken: Token));

        Assert.Equal([Vgg16], Store.List().Select(f => f.File));
        Assert.True(File.Exists(outside));
        Assert.Equal(
            [Vgg16],
            Directory.GetFiles(Cache).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)).Select(System.IO.Path.GetFileName));
    }

    [Fact]
    public async Task Files_of_a_read_only_cache_are_listed_and_verified_and_stay()
    {
        var shared = Directory.CreateDirectory(System.IO.Path.Combine(Root, "shared")).FullName;
        File.Copy(RealWeights.Path, System.IO.Path.Combine(shared, Small));
        var store = new WeightStore(new() { CacheDirectory = Cache, Offline = true, ReadOnlyCaches = [shared] });

        Assert.Equal(CachedWeightsState.Unverified, Assert.Single(store.List()).State);
        Assert.Equal(CachedWeightsState.Verified, Assert.Single(await store.VerifyAsync(cancellationToken: Token)).State);
        Assert.Equal(CachedWeightsState.Verified, Assert.Single(store.List()).State);
        Assert.False(await store.RemoveAsync("vgg16", cancellationToken: Token));
        Assert.Single(Directory.GetFiles(shared));
    }

    [Fact]
    public async Task Misuse_is_told()
    {
        Assert.Throws<ArgumentException>(() => Store.PathOf("../vgg16"));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.RemoveAsync("/etc/passwd", cancellationToken: Token));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.ExportAsync("x.zip", [], cancellationToken: Token));
    }

    private void Put(string name, byte[] content)
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllBytes(System.IO.Path.Combine(Cache, name), content);
    }
}
