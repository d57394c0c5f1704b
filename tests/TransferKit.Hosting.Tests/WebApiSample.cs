using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace TransferKit.Hosting.Tests;

/// <summary>The web sample at a free port, with random weights for the classifier, whose own would be downloaded.</summary>
public sealed class WebApiSample : IAsyncLifetime
{
    private readonly Sample _sample;

    public WebApiSample() : this([])
    {
    }

    internal WebApiSample(params string[] settings) => _sample = new(
        "WebApi", "Now listening on: ",
        [
            "--urls", "http://127.0.0.1:0", "--TransferKit:Backbones:classifier:Weights=none",
            // A machine that runs other tests may be slow.
            "--TransferKit:Defaults:Images:Decode:Timeout=00:01:00",
            "--TransferKit:Backbones:classifier:Alpha=0.35", "--TransferKit:Backbones:classifier:InputSize=32x32", .. settings,
        ]);

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromMinutes(2) };

    public string Output => _sample.Output;

    public async ValueTask InitializeAsync()
    {
        var line = await _sample.FindAsync(TestContext.Current.CancellationToken);
        Client.BaseAddress = new(line[line.IndexOf("http:", StringComparison.Ordinal)..].Trim());
    }

    public static MultipartFormDataContent Upload(byte[] picture, string field = "image") =>
        new() { { new ByteArrayContent(picture), field, "picture" } };

    public async Task<HttpResponseMessage> PostAsync(string path, HttpContent content) =>
        await Client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);

    /// <summary>Asserts that an answer is a problem of its status, and returns its detail.</summary>
    public static async Task<string?> ProblemAsync(HttpStatusCode status, HttpResponseMessage answer)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(((int)status).ToString(CultureInfo.InvariantCulture), problem.GetProperty("status").GetRawText());
        return problem.TryGetProperty("detail", out var detail) ? detail.GetString() : null;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _sample.DisposeAsync();
    }
}
