using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace TransferKit.Snippets;

internal static class WebApp
{
    public static void Main(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddTransferKit();
        builder.Services.AddBackbone("xception", new() { IncludeTop = false, Pooling = Pooling.Avg });

        builder.Services.AddHttpClient(TransferKitOptions.HttpClientName)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { Proxy = new WebProxy("http://proxy.example:3128") })
            .AddAsKeyed();

        var app = builder.Build();
        app.MapPost("/features", (IFormFile image, IBackbone backbone, CancellationToken cancellationToken) =>
        {
            using var stream = image.OpenReadStream();
            var images = new ImageLoadOptions { Decode = ImageDecodeOptions.ForUploads };
            return backbone.Predict(stream, images, cancellationToken).ToArray();
        }).DisableAntiforgery();
        app.Run();
    }
}
