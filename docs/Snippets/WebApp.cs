using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace TransferKit.Snippets;

internal static class WebApp
{
    public static void Main(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddTransferKit(o => o.Store = new() { Offline = true });
        builder.Services.AddBackbone("xception", new() { IncludeTop = false, Pooling = Pooling.Avg });

        var app = builder.Build();
        app.MapPost("/features", (IFormFile image, IBackbone backbone) =>
        {
            using var stream = image.OpenReadStream();
            return backbone.Predict(stream).ToArray();
        }).DisableAntiforgery();
        app.Run();
    }
}
