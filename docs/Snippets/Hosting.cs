using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using static TransferKit.Pooling;

namespace TransferKit.Snippets;

internal static class Hosting
{
    public static void Container(IServiceCollection services)
    {
        services.AddBackbone("xception", new() { IncludeTop = false, Pooling = Avg });   // IBackbone, by its key or without
    }

    public static BackboneOptions Uploads()
    {
        var options = new BackboneOptions { Images = new() { Decode = ImageDecodeOptions.ForUploads } };
        return options;
    }

    public static void Downloads(WebApplicationBuilder builder)
    {
        builder.Services.AddHttpClient(TransferKitOptions.HttpClientName)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { Proxy = new WebProxy("http://proxy.example:3128") })
            .AddAsKeyed();
    }
}
