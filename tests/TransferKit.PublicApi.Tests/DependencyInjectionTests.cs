using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace TransferKit.PublicApi.Tests;

public class DependencyInjectionTests
{
    [Fact]
    public void The_only_backbone_is_had_with_its_key_and_without()
    {
        using var provider =
            new ServiceCollection().AddTransferKit().AddBackbone("mobilenet_v2", SharedBackbone.Options).BuildServiceProvider();

        Assert.Same(provider.GetRequiredService<IBackbone>(), provider.GetRequiredKeyedService<IBackbone>("mobilenet_v2"));
    }

    [Fact]
    public void Several_backbones_are_had_by_key_only()
    {
        using var provider = new ServiceCollection()
            .AddBackbone("mobilenet_v2", SharedBackbone.Options)
            .AddBackbone("mobilenet_v2", SharedBackbone.Options, key: "second")
            .BuildServiceProvider();

        var error = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<IBackbone>());

        Assert.Contains("mobilenet_v2, second", error.Message);
        Assert.NotSame(provider.GetRequiredKeyedService<IBackbone>("second"), provider.GetRequiredKeyedService<IBackbone>("mobilenet_v2"));
    }

    [Fact]
    public async Task However_many_ask_it_is_loaded_once_and_goes_with_the_container()
    {
        IBackbone backbone;
        var loads = 0;
        var options = SharedBackbone.Options with { ConfigureSession = _ => Interlocked.Increment(ref loads) };
        await using (var provider = new ServiceCollection().AddBackbone("mobilenet_v2", options).BuildServiceProvider())
        {
            var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(provider.GetRequiredService<IBackbone>)));
            backbone = Assert.Single(all.Distinct());
            Assert.Equal(1, loads);
            Assert.Equal([1, 1280], backbone.Predict(new byte[224 * 224 * 3]).Shape);
        }

        Assert.Throws<ObjectDisposedException>(() => backbone.Predict(new byte[224 * 224 * 3]));
    }

    [Fact]
    public void Wrong_names_options_and_keys_are_told_at_registration()
    {
        var services = new ServiceCollection().AddBackbone("mobilenet_v2", SharedBackbone.Options);

        Assert.Throws<UnknownNameException>(() => services.AddBackbone("mobilenet_v9"));
        Assert.Throws<BackboneOptionsException>(() => services.AddBackbone("vgg16", new() { Alpha = 0.5 }));
        Assert.Contains("'mobilenet_v2'", Assert.Throws<ArgumentException>(() => services.AddBackbone("mobilenet_v2")).Message);
    }

    [Fact]
    public void AddTransferKit_without_a_delegate_registers_the_store_and_its_options()
    {
        using var provider = new ServiceCollection().AddTransferKit().BuildServiceProvider();

        Assert.Same(provider.GetRequiredService<WeightStore>(), provider.GetRequiredService<WeightStore>());
        Assert.NotNull(provider.GetRequiredService<IOptions<TransferKitOptions>>().Value.Store);
    }

    [Fact]
    public void Options_come_from_delegates_and_from_configuration_in_the_order_of_registration()
    {
        var section = Configuration(("Store:CacheDirectory", "/from/configuration"), ("Defaults:IncludeTop", "false"));
        var services = new ServiceCollection()
            .AddTransferKit(o => o.Store = new() { CacheDirectory = "/from/delegate", MaxTries = 2 })
            .Configure<TransferKitOptions>(section);
        using var provider = services.BuildServiceProvider();

        var store = provider.GetRequiredService<IOptions<TransferKitOptions>>().Value.Store;

        Assert.Equal(("/from/configuration", 2), (store.CacheDirectory, store.MaxTries));
        Assert.Equal("/from/configuration", provider.GetRequiredService<WeightStore>().CacheDirectory);
        Assert.False(provider.GetRequiredService<IOptionsMonitor<BackboneOptions>>().Get("any").IncludeTop);
    }

    [Fact]
    public void A_backbones_options_are_its_own_then_those_configured_for_its_key()
    {
        var section = Configuration(("Pooling", "Max"), ("InputSize", "96x64"));
        using var provider = new ServiceCollection()
            .AddBackbone("mobilenet_v2", SharedBackbone.Options with { Pooling = Pooling.Avg, CacheCompiledModel = false }, key: "small")
            .AddBackbone("mobilenet_v2", SharedBackbone.Options with { CacheCompiledModel = false }, key: "plain")
            .Configure<BackboneOptions>("small", section)
            .BuildServiceProvider();

        Assert.Equal((96, 64), provider.GetRequiredKeyedService<IBackbone>("small").InputSize);
        Assert.Equal(SharedBackbone.MobileNet.InputSize, provider.GetRequiredKeyedService<IBackbone>("plain").InputSize);
        Assert.Equal(Pooling.Max, provider.GetRequiredService<IOptionsMonitor<BackboneOptions>>().Get("small").Pooling);
    }

    [Fact]
    public void Options_without_a_name_hold_for_backbones_that_were_added_without_options()
    {
        using var provider = new ServiceCollection()
            .AddTransferKit(o => o.Defaults = SharedBackbone.Options with { CacheCompiledModel = false })
            .Configure<BackboneOptions>(Configuration(("InputSize", "96x64")))
            .AddBackbone("mobilenet_v2")
            .BuildServiceProvider();

        Assert.Equal((96, 64), provider.GetRequiredService<IBackbone>().InputSize);
    }

    [Fact]
    public void Options_from_configuration_that_do_not_fit_are_told_when_the_backbone_is_asked_for()
    {
        using var provider = new ServiceCollection()
            .AddBackbone("mobilenet_v2", SharedBackbone.Options, key: "k")
            .Configure<BackboneOptions>("k", Configuration(("InputSize", "8x8")))
            .BuildServiceProvider();

        Assert.Throws<BackboneOptionsException>(() => provider.GetRequiredKeyedService<IBackbone>("k"));
    }

    private static IConfiguration Configuration(params (string Key, string Value)[] entries) =>
        new ConfigurationBuilder().AddInMemoryCollection(entries.Select(e => KeyValuePair.Create(e.Key, (string?)e.Value))).Build();
}
