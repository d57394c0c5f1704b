using TransferKit.WeightSources;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Store;

namespace TransferKit.Tests.WeightSources;

public sealed class WeightsTests
{
    private static readonly WeightStore NoStore = new(new WeightStoreOptions { CacheDirectory = "nowhere", Offline = true });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_string_means_what_it_means_in_Keras()
    {
        Weights imagenet = "ImageNet", none = "none", file = "some/file.h5";
        Assert.Equal(Weights.ImageNet, imagenet);
        Assert.Equal(Weights.None, none);
        Assert.Equal(Weights.Random(0), none);
        Assert.Equal(Weights.File("some/file.h5"), file);
        Assert.EndsWith("file.h5", file.ToString());
        Assert.Throws<ArgumentException>(() => (Weights)"");
    }

    [Fact]
    public void Weights_are_equal_where_they_name_the_same()
    {
        Func<Stream> open = () => Stream.Null;
        Assert.Equal(Weights.FromStream("a", open), Weights.FromStream("a", open));
        Assert.Equal(Weights.Random(3).GetHashCode(), Weights.Random(3).GetHashCode());
        Assert.NotEqual(Weights.Random(3), Weights.Random(4));
        Assert.NotEqual(Weights.File("a"), Weights.File("a", byName: true));
        Assert.NotEqual(Weights.FromStream("a", open), Weights.FromStream("b", open));
    }

    [Theory]
    [InlineData("vgg16", false, "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", "6d6bbae143d832006294945121d1f1fc")]
    [InlineData("nasnet_mobile", true, "nasnet_mobile.h5", "020fb642bf7360b370c678b08e0adf61")]
    [InlineData("mobilenet_v2(alpha=0.35,size=96)", false, "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_96_no_top.h5", null)]
    public void The_catalog_holds_Keras_table(string key, bool top, string file, string? hash)
    {
        var entry = WeightCatalog.Find(key, top)!;
        Assert.Equal((file, hash), (entry.File, entry.Hash));
        Assert.Equal("https", new Uri(entry.Url).Scheme);
    }

    [Fact]
    public void Every_file_of_the_catalog_has_a_place_in_the_cache_and_an_algorithm_for_its_hash()
    {
        var entries = WeightCatalog.Keys.SelectMany(k => new[] { WeightCatalog.Find(k, true), WeightCatalog.Find(k, false) });
        foreach (var entry in entries.OfType<CatalogEntry>())
        {
            _ = new CachePaths("models", entry.File);
            Assert.Equal("models", entry.CacheSubdir);
            Assert.Equal(entry.Hash is null ? null : entry.Hash.Length == 32 ? "md5" : "sha256", entry.Algorithm);
        }
    }

    [Fact]
    public async Task Each_kind_of_weights_opens_as_a_source()
    {
        var graph = SmallModel.Build();
        Weights[] sources =
        [
            Weights.File(SmallModel.File("legacy.h5")), Weights.FromStream("s", () => File.OpenRead(SmallModel.File("whole.keras"))),
        ];
        foreach (var weights in sources)
        {
            using var source = await WeightLoader.OpenAsync(weights, graph, null, false, NoStore, null, Token);
            _ = source.Fingerprint;
            Assert.Equal(SmallModel.Expected(graph), source.ReadAll(graph));
        }
        using var random = await WeightLoader.OpenAsync(Weights.Random(4), graph, null, false, NoStore, null, Token);
        Assert.Equal(new InitialWeights(4).Fingerprint, random.Fingerprint);
        using var byName = await WeightLoader.OpenAsync(
            Weights.File(SmallModel.File("legacy.h5"), byName: true), graph, null, false, NoStore, null, Token);
        Assert.Equal(SmallModel.Expected(graph), byName.ReadAll(graph));
    }

    [Fact]
    public async Task ImageNet_weights_that_are_not_to_be_had_are_an_error_never_random_numbers()
    {
        var graph = SmallModel.Build();
        var absent = await Assert.ThrowsAsync<WeightsUnavailableException>(
            () => WeightLoader.OpenAsync(Weights.ImageNet, graph, WeightCatalog.Find("vgg16", true), false, NoStore, null, Token));
        Assert.NotNull(absent.ExpectedPath);
        var unpublished = await Assert.ThrowsAsync<WeightsUnavailableException>(
            () => WeightLoader.OpenAsync(Weights.ImageNet, graph, null, false, NoStore, null, Token));
        Assert.Contains("publishes no", unpublished.Message);
    }

    [Fact]
    public async Task A_weight_file_that_does_not_exist_is_named()
    {
        var e = await Assert.ThrowsAsync<WeightsUnavailableException>(
            () => WeightLoader.OpenAsync("/no/such/file.h5", SmallModel.Build(), null, false, NoStore, null, Token));
        Assert.Contains("file.h5", e.ExpectedPath);
    }

    [Fact]
    public async Task The_weights_in_the_MobileNetV2_package_open_without_any_file()
    {
        var e = await Assert.ThrowsAsync<WeightsMismatchException>(
            () => WeightLoader.OpenAsync(MobileNetV2Weights.Alpha035NoTop, SmallModel.Build(), null, false, NoStore, null, Token));
        Assert.Equal("104", e.Found);
    }

    [Fact]
    public async Task A_file_is_known_by_its_bytes_whatever_its_name()
    {
        var graph = SmallModel.Build();
        var folder = Directory.CreateTempSubdirectory("transferkit-copy-").FullName;
        var copy = Path.Combine(folder, "b.h5");
        File.Copy(SmallModel.File("legacy.h5"), copy);

        using (var weights = await WeightLoader.OpenAsync(SmallModel.File("legacy.h5"), graph, null, false, NoStore, null, Token))
        using (var same = await WeightLoader.OpenAsync(copy, graph, null, false, NoStore, null, Token))
        using (var others = await WeightLoader.OpenAsync(SmallModel.File("split_lists.h5"), graph, null, false, NoStore, null, Token))
        {
            Assert.Equal(weights.Fingerprint, same.Fingerprint);
            Assert.NotEqual(weights.Fingerprint, others.Fingerprint);
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_file_that_does_not_fit_is_refused_before_a_compiled_model_is_looked_for()
    {
        var folder = Directory.CreateTempSubdirectory("transferkit-unfit-").FullName;
        var file = Path.Combine(folder, "a.h5");
        byte[] head = [.. FileSignature.Hdf5Signature];
        File.WriteAllBytes(file, [.. head, .. "no weights at all"u8]);
        await Assert.ThrowsAsync<WeightsFormatException>(
            () => WeightLoader.OpenAsync(file, SmallModel.Build(), null, false, NoStore, null, Token));
        Directory.Delete(folder, recursive: true);
    }
}
