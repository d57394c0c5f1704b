using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using static TransferKit.Tests.WeightSources.FileServer;

namespace TransferKit.Tests.WeightSources;

/// <summary>Tests limits against servers that send too much, too slowly, or another file.</summary>
public sealed class WeightDownloadLimitTests : StoreFixture
{
    private const int Limit = 1_000_000;

    [Fact]
    public async Task A_server_that_never_ends_is_left_at_the_limit_and_leaves_nothing()
    {
        await using var server = await StartAsync(Endless);
        var options = Options() with { MaxDownloadBytes = Limit };
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(Entry(server.Url), options));
        Assert.Contains($"{nameof(WeightStoreOptions.MaxDownloadBytes)} allows {Limit:N0}", e.Message);
        Assert.Equal(1, e.Tries);
        Assert.All(Reports, p => Assert.InRange(p.BytesReceived, 0, Limit));
        AssertNothingLeft();
    }

    [Fact]
    public async Task A_size_above_the_limit_is_refused_when_it_is_announced()
    {
        await using var server = await StartAsync(context =>
        {
            context.Response.ContentLength = 5_000_000_000;
            return context.Response.StartAsync();
        });
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(Entry(server.Url)));
        Assert.Contains($"{5_000_000_000:N0} bytes are announced", e.Message);
        Assert.Equal(1, e.Tries);
        Assert.DoesNotContain(Reports, p => p.State == WeightDownloadState.Downloading);
        AssertNothingLeft();
    }

    [Fact]
    public async Task A_file_of_a_folder_that_is_above_the_limit_is_refused()
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(Root, "mirror")).FullName;
        File.WriteAllBytes(System.IO.Path.Combine(folder, "weights.h5"), MakeContent(Limit + 1));
        var options = Options() with { MaxDownloadBytes = Limit, Mirrors = [folder], UseKerasAddress = false };
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(Entry(new Uri("http://127.0.0.1:9/")), options));
        Assert.Contains(nameof(WeightStoreOptions.MaxDownloadBytes), e.Message);
        AssertNothingLeft();
    }

    [Fact]
    public async Task More_than_was_announced_is_thrown_away_and_the_file_asked_for_again()
    {
        await using var server = await StartAsync(Partly(Content, 100_000, Reset), MoreThanTheRest, Good(Content));
        AssertGood(await EnsureAsync(Entry(server.Url)));
        Assert.Equal(3, server.Requests);
        Assert.Null(server.Ranges[2]);
    }

    [Fact]
    public async Task The_next_address_is_asked_where_one_never_ends()
    {
        await using var endless = await StartAsync(Endless);
        await using var good = await StartAsync(Good(Content));
        var options = Options() with { MaxDownloadBytes = Limit, Mirrors = [new Uri(endless.Url, "/").AbsoluteUri] };
        AssertGood(await EnsureAsync(Entry(good.Url), options));
    }

    [Fact]
    public async Task A_server_that_drips_is_left_when_the_time_is_over()
    {
        await using var server = await StartAsync(Good(Content, bytesPerPiece: 10, pause: 20));
        var options = Options() with { TryTimeout = TimeSpan.FromSeconds(0.4), Timeout = TimeSpan.FromSeconds(1.5) };
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(Entry(server.Url), options));
        Assert.Contains("not completed within", e.Message);
        Assert.False(File.Exists(Target));
    }

    [Theory]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("file:///etc/passwd", true)]
    [InlineData("file://host/share/weights.h5", true)]
    [InlineData("ftp://127.0.0.1/weights.h5", false)]
    [InlineData("gopher://127.0.0.1:9/", false)]
    [InlineData("data:text/plain,x", false)]
    public async Task A_redirect_to_another_scheme_is_refused(string location, bool ownClient)
    {
        await using var server = await StartAsync(context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = location;
            return Task.CompletedTask;
        });
        using var client = new HttpClient();
        var options = Options() with { HttpClient = ownClient ? client : null };
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(Entry(server.Url), options));
        Assert.Equal((1, 1), (e.Tries, server.Requests));
        Assert.Contains($"redirects to '{location}'", e.Message);
        AssertNothingLeft();
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_redirect_from_https_to_http_is_refused(bool followedByTheClient)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var loaded = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
        await using var plain = await StartAsync(Good(Content));
        await using var secure = await StartAsync(loaded, Redirect(() => plain.Url.AbsoluteUri));
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
            AllowAutoRedirect = false,
        };
        using var client = new HttpClient(followedByTheClient ? new Careless(handler) : handler);
        var options = Options() with { HttpClient = client };
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(Entry(secure.Url), options));
        Assert.Contains("is not encrypted", e.Message);
        AssertNothingLeft();
    }

    private static async Task Endless(HttpContext context)
    {
        var piece = MakeContent(100_000);
        while (!context.RequestAborted.IsCancellationRequested)
            await context.Response.Body.WriteAsync(piece, context.RequestAborted);
    }

    // The rest of the file by its headers, and more by its body.
    private static async Task MoreThanTheRest(HttpContext context)
    {
        var start = (int)context.Request.GetTypedHeaders().Range!.Ranges.Single().From!;
        context.Response.StatusCode = 206;
        context.Response.Headers.ETag = "\"v1\"";
        context.Response.Headers.ContentRange = $"bytes {start}-{Content.Length - 1}/{Content.Length}";
        await context.Response.Body.WriteAsync(Content.AsMemory(start));
        await context.Response.Body.WriteAsync(Content);
    }

    private void AssertNothingLeft() => Assert.All(Directory.GetFileSystemEntries(Cache), f => Assert.EndsWith(".lock", f));

    /// <summary>A handler that goes wherever it is sent.</summary>
    private sealed class Careless(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var answer = await base.SendAsync(request, cancellationToken);
            request.RequestUri = answer.Headers.Location;
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
