using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using TransferKit.Tests;

namespace TransferKit.Extensions.AI.Tests;

public class BackboneEmbeddingGeneratorTests
{
    private static readonly string[] Files = ["coffee.png", "rocket.jpg", "camera.png", "made.webp"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_embedding_is_the_backbones_vector_of_the_picture()
    {
        var generator = MobileNet.Shared.AsIEmbeddingGenerator();

        var vector = await generator.GenerateVectorAsync(Content("coffee.png"), cancellationToken: Token);

        Assert.Equal(MobileNet.Shared.Predict(Goldens.Path("images", "coffee.png")).ToArray(), vector.ToArray());
    }

    [Fact]
    public async Task Embeddings_are_in_the_order_of_the_pictures()
    {
        var generator = MobileNet.Shared.AsIEmbeddingGenerator();
        var pictures = Enumerable.Range(0, 40).Select(i => Files[i % 4]).ToArray();

        var embeddings = await generator.GenerateAsync(pictures.Select(Content), cancellationToken: Token);

        Assert.Equal(40, embeddings.Count);
        for (var i = 0; i < 40; i++)
        {
            var expected = MobileNet.Shared.Predict(Goldens.Path("images", pictures[i])).ToArray();
            Assert.All(expected.Zip(embeddings[i].Vector.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
            Assert.Equal("mobilenet_v2", embeddings[i].ModelId);
        }
    }

    [Fact]
    public async Task An_ONNX_file_of_another_library_is_a_generator_too()
    {
        using var vit = Backbone.FromOnnx(
            Goldens.Path("onnx-models", "vit", "model.onnx"), new() { Outputs = ["pooler_output"], CacheCompiledModel = false });

        var vector = await vit.AsIEmbeddingGenerator().GenerateVectorAsync(Content("rocket.jpg"), cancellationToken: Token);

        Assert.Equal(vit.Predict(Goldens.Path("images", "rocket.jpg")).ToArray(), vector.ToArray());
    }

    [Fact]
    public void It_says_what_it_is_and_gives_its_backbone()
    {
        var generator = MobileNet.Shared.AsIEmbeddingGenerator();

        var metadata = generator.GetRequiredService<EmbeddingGeneratorMetadata>();

        Assert.Equal(
            ("transferkit", "mobilenet_v2", 1280), (metadata.ProviderName, metadata.DefaultModelId, metadata.DefaultModelDimensions));
        Assert.Same(MobileNet.Shared, generator.GetService<IBackbone>());
        Assert.Same(generator, generator.GetService<BackboneEmbeddingGenerator>());
        Assert.Null(generator.GetService<string>());
    }

    [Fact]
    public async Task Options_of_another_model_are_refused()
    {
        var generator = MobileNet.Shared.AsIEmbeddingGenerator();
        DataContent[] one = [Content("coffee.png")];

        await Assert.ThrowsAsync<NotSupportedException>(() => generator.GenerateAsync(one, new() { ModelId = "clip" }, Token));
        await Assert.ThrowsAsync<NotSupportedException>(() => generator.GenerateAsync(one, new() { Dimensions = 512 }, Token));
        Assert.Single(await generator.GenerateAsync(one, new() { ModelId = "mobilenet_v2", Dimensions = 1280 }, Token));
    }

    [Fact]
    public void A_backbone_whose_output_is_a_map_is_refused_with_the_cure()
    {
        using var maps = Backbone.Load("mobilenet_v2", MobileNet.Options with { Pooling = Pooling.None });

        var error = Assert.Throws<ArgumentException>(maps.AsIEmbeddingGenerator);

        Assert.Contains("pooling: Avg", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_picture_is_named_by_its_name_or_place()
    {
        var generator = MobileNet.Shared.AsIEmbeddingGenerator();
        var bad = new DataContent(new byte[] { 1, 2, 3 }, "image/png");

        var byPlace = await Assert.ThrowsAsync<ImageDecodeException>(
            () => generator.GenerateAsync([Content("coffee.png"), bad], cancellationToken: Token));
        bad.Name = "bad.png";
        var byName = await Assert.ThrowsAsync<ImageDecodeException>(() => generator.GenerateAsync([bad], cancellationToken: Token));

        Assert.StartsWith("Image 1: ", byPlace.Message, StringComparison.Ordinal);
        Assert.StartsWith("bad.png: ", byName.Message, StringComparison.Ordinal);
        Assert.Equal(ImageDecodeError.NotAnImage, byName.Reason);
    }

    [Fact]
    public async Task A_cancelled_call_ends_as_cancelled() => await Assert.ThrowsAnyAsync<OperationCanceledException>(
        () => MobileNet.Shared.AsIEmbeddingGenerator().GenerateAsync([Content("coffee.png")], null, new(canceled: true)));

    [Fact]
    public async Task It_works_under_caching_logging_and_telemetry_and_a_cached_picture_is_not_run_again()
    {
        var counting = new CountingBackbone(MobileNet.Shared);
        var cache = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        using var generator = counting.AsIEmbeddingGenerator().AsBuilder()
            .UseDistributedCache(cache).UseLogging(NullLoggerFactory.Instance).UseOpenTelemetry().Build();

        var first = await generator.GenerateVectorAsync(Content("coffee.png"), cancellationToken: Token);
        var second = await generator.GenerateVectorAsync(Content("coffee.png"), cancellationToken: Token);

        Assert.Equal(first.ToArray(), second.ToArray());
        Assert.Equal(1, counting.Runs);
        Assert.Same(counting, generator.GetService(typeof(CountingBackbone)));
    }

    [Fact]
    public async Task A_container_gives_the_generator_with_and_without_a_key()
    {
        using var provider = new ServiceCollection()
            .AddBackboneEmbeddings("mobilenet_v2", MobileNet.Options)
            .AddBackboneEmbeddings("mobilenet_v2", MobileNet.Options with { Pooling = Pooling.Max }, key: "max")
            .BuildServiceProvider();

        var plain = provider.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>();
        var keyed = provider.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>("max");

        Assert.Same(provider.GetRequiredKeyedService<IBackbone>("mobilenet_v2"), plain.GetService<IBackbone>());
        Assert.Same(provider.GetRequiredKeyedService<IBackbone>("max"), keyed.GetService<IBackbone>());
        var mean = await plain.GenerateVectorAsync(Content("coffee.png"), cancellationToken: Token);
        var most = await keyed.GenerateVectorAsync(Content("coffee.png"), cancellationToken: Token);
        Assert.All(mean.ToArray().Zip(most.ToArray()), pair => Assert.True(pair.First <= pair.Second));
    }

    private static DataContent Content(string file) => new(File.ReadAllBytes(Goldens.Path("images", file)), "image/png");

    private sealed class CountingBackbone(IBackbone inner) : DelegatingBackbone(inner)
    {
        private int _runs;

        public int Runs => _runs;

        public override FeatureTensor Predict(ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _runs);
            return base.Predict(pixels, cancellationToken);
        }
    }
}
