using Microsoft.Extensions.DependencyInjection;

namespace TransferKit.PublicApi.Tests;

public class DependencyInjectionTests
{
    [Fact]
    public void The_only_backbone_is_had_with_its_key_and_without()
    {
        using var provider = new ServiceCollection().AddTransferKit().AddBackbone("mobilenet_v2", SharedBackbone.Options).BuildServiceProvider();

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
}
