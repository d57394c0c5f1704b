using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

public sealed class WeightStoreInContainerTests : IDisposable
{
    private const string Small = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5";
    private readonly string _cache = Directory.CreateTempSubdirectory("transferkit-di-").FullName;

    [Theory]
    [InlineData(ServiceLifetime.Scoped)]
    [InlineData(ServiceLifetime.Singleton)]
    [InlineData(ServiceLifetime.Transient)]
    public async Task The_containers_http_client_downloads_and_its_loggers_are_told(ServiceLifetime lifetime)
    {
        await using var server = await ServeAsync();
        var (handled, logged) = (new Handled(), new Logged());
        var services = new ServiceCollection().AddTransferKit(o => o.Store = new()
        {
            CacheDirectory = _cache,
            Offline = false,
            UseKerasAddress = false,
            Mirrors = [server.Urls.Single()],
        });
        services.AddLogging(logging => logging.AddProvider(logged));
        services.AddHttpClient(TransferKitOptions.HttpClientName).AddHttpMessageHandler(() => new Counting(handled)).AddAsKeyed(lifetime);
        await using var provider = services.BuildServiceProvider(validateScopes: true);

        var path = await provider.GetRequiredService<WeightStore>().FetchAsync(Small);

        Assert.Equal(Path.Combine(_cache, Small), path);
        Assert.Equal(1, handled.Requests);
        Assert.Contains(4, logged.Ids);
    }

    [Fact]
    public async Task A_backbone_of_the_container_downloads_with_its_client_too()
    {
        await using var server = await ServeAsync();
        var handled = new Handled();
        var services = new ServiceCollection()
            .AddTransferKit(
                o => o.Store =
                    new() { CacheDirectory = _cache, Offline = false, UseKerasAddress = false, Mirrors = [server.Urls.Single()] })
            .AddBackbone("mobilenet_v2", new() { Alpha = 0.35, IncludeTop = false, Pooling = Pooling.Avg });
        services.AddHttpClient(TransferKitOptions.HttpClientName).AddHttpMessageHandler(() => new Counting(handled)).AddAsKeyed();
        await using var provider = services.BuildServiceProvider(validateScopes: true);

        Assert.Equal("mobilenet_v2", provider.GetRequiredService<IBackbone>().Name);
        Assert.Equal(1, handled.Requests);
    }

    [Fact]
    public async Task Weights_are_fetched_ahead_of_time_by_name_and_options()
    {
        await using var server = await ServeAsync();
        var options = new BackboneOptions { Alpha = 0.35, IncludeTop = false };
        var store = new WeightStore(
            new() { CacheDirectory = _cache, Offline = false, UseKerasAddress = false, Mirrors = [server.Urls.Single()] });
        Assert.Equal(Small, WeightStore.WeightsFile("mobilenet_v2", options));
        Assert.Equal(Path.Combine(_cache, Small), await store.FetchWeightsAsync("mobilenet_v2", options));
        await Assert.ThrowsAsync<WeightsUnavailableException>(
            () => store.FetchWeightsAsync("mobilenet_v2", options with { Alpha = 0.4, Weights = Weights.None }));
    }

    public void Dispose() => Directory.Delete(_cache, recursive: true);

    private static async Task<WebApplication> ServeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var file = Path.GetFullPath(Goldens.Path("..", "..", "src", "TransferKit.Weights.MobileNetV2", Small));
        app.MapGet("/" + Small, () => Results.File(file));
        await app.StartAsync();
        return app;
    }

    private sealed class Handled
    {
        public int Requests { get; set; }
    }

    private sealed class Counting(Handled handled) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            handled.Requests++;
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Logged : ILoggerProvider, ILogger
    {
        public List<int> Ids { get; } = [];

        public ILogger CreateLogger(string categoryName) =>
            categoryName == "TransferKit.WeightStore" ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Ids.Add(eventId.Id);
        public bool IsEnabled(LogLevel logLevel) => true;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public void Dispose() { }
    }
}
