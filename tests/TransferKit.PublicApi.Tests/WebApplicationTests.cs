using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

public class WebApplicationTests
{
    [Fact]
    public async Task A_web_application_gives_the_features_of_pictures_that_are_posted_to_it()
    {
        var cancel = TestContext.Current.CancellationToken;
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddTransferKit(o => o.Store = new() { Offline = true });
        builder.Services.AddBackbone("mobilenet_v2", SharedBackbone.Options);
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/features", (IFormFile image, IBackbone backbone) =>
        {
            using var stream = image.OpenReadStream();
            return backbone.Predict(stream).ToArray();
        }).DisableAntiforgery();
        await app.StartAsync(cancel);

        using var client = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => PostAsync("rocket.jpg")));

        var expected = SharedBackbone.MobileNet.Predict(Goldens.Path("images", "rocket.jpg")).ToArray();
        Assert.All(answers, answer => Assert.Equal(expected, answer));

        async Task<float[]?> PostAsync(string name)
        {
            using var form = new MultipartFormDataContent
            {
                { new ByteArrayContent(await File.ReadAllBytesAsync(Goldens.Path("images", name), cancel)), "image", name },
            };
            using var answer = await client.PostAsync(new Uri("/features", UriKind.Relative), form, cancel);
            return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<float[]>(cancel);
        }
    }
}
