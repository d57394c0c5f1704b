using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TransferKit.Tests;

namespace TransferKit.Hosting.Tests;

public class ConfigurationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Backbones_of_the_configuration_are_keyed_services_with_the_defaults_below_their_own_options()
    {
        using var host = Hosts.Build("""
            {
              "TransferKit": {
                "Store": { "Offline": true },
                "Defaults": { "Images": { "Interpolation": "Bicubic" } },
                "Backbones": {
                  "small": { "Name": "mobilenet_v2", "InputSize": "64x96", "Images": { "Interpolation": "Lanczos" } },
                  "mobilenet_v2": {}
                }
              }
            }
            """);
        await host.StartAsync(Cancel);

        var small = host.Services.GetRequiredKeyedService<IBackbone>("small");
        var plain = host.Services.GetRequiredKeyedService<IBackbone>("mobilenet_v2");

        Assert.Equal(((64, 96), Interpolation.Lanczos), (small.InputSize, small.Images.Interpolation));
        Assert.Equal((MobileNet.Options.InputSize, Interpolation.Bicubic), (plain.InputSize, plain.Images.Interpolation));
        Assert.True(host.Services.GetRequiredService<WeightStore>().IsOffline);
    }

    [Theory]
    [InlineData("""{ "Backbones": { "k": { "Name": "mobilenet_v2", "Weigths": "none" } } }""", "TransferKit:Backbones:k", "Weigths")]
    [InlineData("""{ "Backbones": { "k": { "Name": "mobilenet_v2", "InputSize": "big" } } }""", "Backbones:k:InputSize", "big")]
    [InlineData("""{ "Backbones": { "k": { "Name": "mobilenet_v2", "InputSize": "8x8" } } }""", "TransferKit:Backbones:k", "8x8")]
    [InlineData("""{ "Backbones": { "k": { "Name": "mobilenet_v2", "Layers": [ "nose" ] } } }""", "TransferKit:Backbones:k", "nose")]
    [InlineData("""{ "Backbones": { "k": { "Name": "mobilenet_v2", "Device": "Abacus" } } }""", "Backbones:k:Device", "Abacus")]
    [InlineData("""{ "Defaults": { "Pooling": "Sum" } }""", "TransferKit:Defaults:Pooling", "Sum")]
    [InlineData("""{ "Store": { "MaxTries": 0 } }""", "Store", "MaxTries")]
    [InlineData("""{ "Store": { "Folder": "/x" } }""", "TransferKit:Store", "Folder")]
    [InlineData("""{ "Backbone": { "resnet50": {} } }""", "TransferKit", "Backbones")]
    public async Task Faults_of_the_configuration_end_the_start_with_their_place(string section, params string[] named)
    {
        using var host = Hosts.Build($$"""{ "TransferKit": {{section}} }""");

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancel));

        Assert.All(named, text => Assert.Contains(text, error.Message));
    }

    [Fact]
    public void An_unknown_network_is_a_fault_of_its_entry()
    {
        var error = Assert.Throws<OptionsValidationException>(
            () => Hosts.Build("""{ "TransferKit": { "Backbones": { "k": { "Name": "resnet5O" } } } }"""));

        Assert.StartsWith("TransferKit:Backbones:k: ", error.Message);
        Assert.Contains("resnet50", error.Message);
    }

    [Fact]
    public void Options_of_one_backbone_do_not_reach_another()
    {
        using var host = Hosts.Build("""
            {
              "TransferKit": {
                "Backbones": {
                  "a": { "Name": "mobilenet_v2", "Images": { "Interpolation": "Lanczos", "Decode": { "Draft": true } } },
                  "b": { "Name": "mobilenet_v2" }
                }
              }
            }
            """);
        var options = host.Services.GetRequiredService<IOptionsMonitor<BackboneOptions>>();

        Assert.True(options.Get("a").Images is { Interpolation: Interpolation.Lanczos, Decode.Draft: true });
        Assert.True(options.Get("b").Images is { Interpolation: Interpolation.Nearest, Decode.Draft: false });
    }

    [Fact]
    public void The_example_in_the_documentation_binds()
    {
        var page = File.ReadAllText(Path.GetFullPath(Goldens.Path("..", "..", "docs", "hosting.md")));
        using var host = Hosts.Build(
            page.Split("```json")[1].Split("```")[0],
            services => services.Configure<TransferKitOptions>(shared => shared.Defaults = new()));
        var options = host.Services.GetRequiredService<IOptionsMonitor<BackboneOptions>>();

        Assert.Equal((480, 640), options.Get("features").InputSize);
        var xception = options.Get("xception");
        Assert.Equal((Precision.Int8, "/srv/pictures"), (xception.Precision, xception.Calibration?.Directory));
        Assert.Equal(Interpolation.Bicubic, xception.Images.Interpolation);
        Assert.Equal("/srv/keras", host.Services.GetRequiredService<WeightStore>().CacheDirectory);
    }

    [Fact]
    public async Task Weights_are_downloaded_by_the_client_of_the_factory()
    {
        var handler = new Refusing();
        using var host = Hosts.Build("""
            {
              "TransferKit": {
                "Store": { "Offline": false, "MaxTries": 1 },
                "Backbones": { "mobilenet_v2": { "Alpha": 0.5, "Weights": "imagenet" } }
              }
            }
            """, services =>
        {
            services.AddHttpClient(TransferKitOptions.HttpClientName).ConfigurePrimaryHttpMessageHandler(() => handler);
            var folder = Directory.CreateTempSubdirectory("transferkit-hosting-").FullName;
            services.PostConfigure<TransferKitOptions>(o => o.Store = o.Store with { CacheDirectory = folder });
        });

        await Assert.ThrowsAsync<WeightsDownloadException>(
            () => Task.Run(() => host.Services.GetRequiredKeyedService<IBackbone>("mobilenet_v2"), Cancel));

        Assert.Contains("_0.5_96_no_top", Assert.Single(handler.Requests).AbsolutePath);
        Directory.Delete(host.Services.GetRequiredService<WeightStore>().CacheDirectory, recursive: true);
    }

    private sealed class Refusing : HttpMessageHandler
    {
        public List<Uri> Requests { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add(request.RequestUri!);
            return Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.NotFound));
        }
    }
}
