using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using TransferKit.WeightSources.Binding;
using static TransferKit.Tests.WeightSources.FileServer;

namespace TransferKit.Tests.WeightSources;

public sealed class WeightDownloadTests : StoreFixture
{
    [Fact]
    public async Task A_file_is_downloaded_verified_and_then_not_asked_for_again()
    {
        await using var server = await StartAsync(Good(Content));
        AssertGood(await EnsureAsync(Entry(server.Url)));
        AssertGood(await EnsureAsync(Entry(server.Url)));
        Assert.Equal(1, server.Requests);
        Assert.Equal(WeightDownloadState.Done, Reports[^1].State);
        Assert.Contains(Reports, p => p.State == WeightDownloadState.Downloading && p.TotalBytes == Content.Length);
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_is_gone_on_with_from_where_it_broke()
    {
        await using var server = await StartAsync(Partly(Content, 100_000, Reset), Partly(Content, 100_000, Reset), Good(Content));
        AssertGood(await EnsureAsync(Entry(server.Url)));
        Assert.Equal(3, server.Requests);
        Assert.NotNull(server.Ranges[1]);
        Assert.NotEqual(server.Ranges[1], server.Ranges[2]);
    }

    [Fact]
    public async Task Tries_that_bring_new_bytes_do_not_count_against_the_limit()
    {
        await using var server = await StartAsync(Partly(Content, 60_000, Reset));
        AssertGood(await EnsureAsync(Entry(server.Url), Options(maxTries: 3)));
        Assert.True(server.Requests > 3);
    }

    [Fact]
    public async Task A_stalled_server_is_left_and_asked_again()
    {
        await using var server = await StartAsync(Stall, Partly(Content, 100_000, Stall), Good(Content));
        AssertGood(await EnsureAsync(Entry(server.Url), Options(stallSeconds: 0.3)));
        Assert.Equal(3, server.Requests);
        Assert.Contains(Reports, p => p.State == WeightDownloadState.Retrying && p.Message!.Contains("00:00:00.3"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_ends_too_early_is_not_taken_for_the_file(bool contentLength)
    {
        await using var server = await StartAsync(Partly(Content, 100_000, End, contentLength), Good(Content));
        AssertGood(await EnsureAsync(Entry(server.Url)));
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task Wrong_content_of_the_right_length_is_set_aside_and_downloaded_once_more()
    {
        var wrong = MakeContent(Content.Length, seed: 2);
        await using var server = await StartAsync(Good(wrong), Good(Content, "\"v2\""));
        AssertGood(await EnsureAsync(Entry(server.Url)));
        Assert.Equal(wrong, File.ReadAllBytes(Target + ".rejected"));
        Assert.Contains(Reports, p => p.State == WeightDownloadState.Rejected);
        Assert.Equal([null, null], server.Ranges);
    }

    [Fact]
    public async Task Content_that_stays_wrong_ends_in_an_error_that_names_both_hashes()
    {
        await using var server = await StartAsync(Good(MakeContent(Content.Length, seed: 2)));
        var entry = Entry(server.Url);
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(entry));
        Assert.Equal(2, e.Tries);
        Assert.Equal(2, server.Requests);
        Assert.Contains(entry.Hash!, e.Message);
        Assert.False(File.Exists(Target));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    [InlineData(410)]
    public async Task A_refusal_is_final_and_the_error_says_all_that_helps(int status)
    {
        await using var server = await StartAsync(Status(status));
        var entry = Entry(server.Url);
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(entry));
        Assert.Equal((status, 1, 1), ((int)e.StatusCode!, e.Tries, server.Requests));
        Assert.Equal(Target, e.ExpectedPath);
        Assert.Equal([server.Url.AbsoluteUri], e.Addresses);
        foreach (var part in new[] { server.Url.AbsoluteUri, $"{status}", Target, entry.Hash! })
            Assert.Contains(part, e.Message);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(429)]
    public async Task A_server_in_trouble_is_asked_again(int status)
    {
        await using var server = await StartAsync(Status(status), Status(status), Good(Content));
        AssertGood(await EnsureAsync(Entry(server.Url)));
        Assert.Equal(3, server.Requests);
    }

    [Fact]
    public async Task A_server_in_lasting_trouble_is_given_up_after_the_allowed_tries()
    {
        await using var server = await StartAsync(Status(503));
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(Entry(server.Url), Options(maxTries: 3)));
        Assert.Equal((3, 3, HttpStatusCode.ServiceUnavailable), (e.Tries, server.Requests, e.StatusCode));
    }

    [Fact]
    public async Task Retry_After_sets_the_pause_up_to_the_longest_allowed_and_half_of_it_at_random()
    {
        await using var server = await StartAsync(Status(429, "3600"), Good(Content));
        AssertGood(await EnsureAsync(Entry(server.Url)));
        var retry = Assert.Single(Reports, p => p.State == WeightDownloadState.Retrying);
        Assert.Matches("retrying in 0.[23] s", retry.Message);
    }

    [Fact]
    public async Task A_redirect_is_followed_and_a_loop_of_them_is_not_followed_for_ever()
    {
        await using var server = await StartAsync(Good(Content));
        await using var redirecting = await StartAsync(Redirect(() => server.Url.AbsoluteUri));
        AssertGood(await EnsureAsync(Entry(redirecting.Url)));

        FileServer loop = null!;
        await using var looping = loop = await StartAsync(Redirect(() => loop.Url.AbsoluteUri));
        File.Delete(Target);
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(Entry(looping.Url)));
        Assert.Contains("a redirect that was not followed", e.Message);
        Assert.Equal(1, e.Tries);
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_sends_the_whole_anew()
    {
        await using var server = await StartAsync(Partly(Content, 100_000, Reset), Partly(Content, int.MaxValue, End, ranges: false));
        AssertGood(await EnsureAsync(Entry(server.Url)));
        Assert.NotNull(server.Ranges[1]);
    }

    [Fact]
    public async Task A_file_that_changed_between_tries_is_downloaded_from_its_start()
    {
        var old = MakeContent(Content.Length, seed: 3);
        await using var server = await StartAsync(Partly(old, 100_000, Reset), Good(Content, "\"v2\""));
        AssertGood(await EnsureAsync(Entry(server.Url)));
        Assert.Equal(2, server.Requests);
        Assert.False(File.Exists(Target + ".rejected"));
    }

    [Fact]
    public async Task A_login_page_in_place_of_the_file_is_called_that()
    {
        await using var server = await StartAsync(async context =>
        {
            context.Response.ContentType = "text/html";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("<!DOCTYPE html><html><body>Please log in</body></html>"));
        });
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(Entry(server.Url)));
        Assert.Contains("HTML page", e.Message);
        Assert.Equal(1, e.Tries);
    }

    [Fact]
    public async Task A_certificate_that_nobody_trusts_is_an_error_at_once()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var loaded = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
        await using var server = await StartAsync(loaded, Good(Content));
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(Entry(server.Url)));
        Assert.Contains("no secure connection", e.Message);
        Assert.Equal((1, 0), (e.Tries, server.Requests));
    }

    [Fact]
    public async Task A_client_of_ones_own_is_used_and_left_open()
    {
        await using var server = await StartAsync(Good(Content));
        using var handler = new Counting();
        using var client = new HttpClient(handler);
        var options = new WeightStoreOptions { CacheDirectory = Cache, Offline = false, HttpClient = client };
        AssertGood(await EnsureAsync(Entry(server.Url), options));
        Assert.Equal(1, handler.Sent);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(server.Url, Token)).StatusCode);
    }

    [Fact]
    public async Task A_refused_connection_is_tried_again_and_then_named()
    {
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(Entry(ClosedPort()), Options(maxTries: 3)));
        Assert.Equal(3, e.Tries);
        Assert.Null(e.StatusCode);
        Assert.Contains("refused", e.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Mirrors_are_tried_in_order_before_the_published_address()
    {
        await using var missing = await StartAsync(Status(404));
        await using var mirror = await StartAsync(Good(Content));
        await using var published = await StartAsync(Good(Content));
        var options = WithMirrors(new Uri(missing.Url, "/a/").AbsoluteUri, new Uri(mirror.Url, "/b").AbsoluteUri);
        AssertGood(await EnsureAsync(Entry(published.Url), options));
        Assert.Equal((1, 1, 0), (missing.Requests, mirror.Requests, published.Requests));
    }

    [Fact]
    public async Task What_one_address_began_another_finishes_where_a_hash_will_tell()
    {
        await using var dying = await StartAsync(Partly(Content, 100_000, Reset), Status(404));
        await using var published = await StartAsync(Good(Content));
        AssertGood(await EnsureAsync(Entry(published.Url), WithMirrors(new Uri(dying.Url, "/").AbsoluteUri)));
        Assert.NotNull(published.Ranges.Single());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_folder_is_a_mirror_also_offline(bool asAddress)
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(Root, "my mirror")).FullName;
        File.WriteAllBytes(System.IO.Path.Combine(folder, "weights.h5"), Content);
        var options = new WeightStoreOptions
        {
            CacheDirectory = Cache,
            Offline = true,
            Mirrors = [asAddress ? new Uri(folder).AbsoluteUri : folder],
        };
        AssertGood(await EnsureAsync(Entry(ClosedPort()), options));
    }

    [Fact]
    public async Task The_time_for_all_tries_together_is_limited()
    {
        await using var server = await StartAsync(Stall);
        var options = new WeightStoreOptions { CacheDirectory = Cache, Offline = false, Timeout = TimeSpan.FromSeconds(0.3) };
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(Entry(server.Url), options));
        Assert.Contains("not completed within", e.Message);
        Assert.Equal(1, e.Tries);
    }

    [Fact]
    public async Task A_cancelled_download_keeps_what_arrived_for_the_next()
    {
        await using var server = await StartAsync(Partly(Content, 100_000, Stall), Good(Content));
        using var cancel = new CancellationTokenSource();
        var cancelAtBytes = new Cancelling(cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new WeightStore(Options()).EnsureAsync(Entry(server.Url), null, cancelAtBytes, cancel.Token));
        AssertGood(await EnsureAsync(Entry(server.Url)));
        Assert.NotNull(server.Ranges[1]);
    }

    [Fact]
    public async Task A_file_without_a_published_hash_is_checked_by_its_structure_and_layers()
    {
        var real = File.ReadAllBytes(SmallModel.File("legacy.h5"));
        await using var server = await StartAsync(Partly(real, 10_000, End, length: false, ranges: false), Good(real));
        var file = await EnsureAsync(EntryWithoutHash(server.Url), fits: f => WeightBinder.Bind(f, SmallModel.Build()).Dispose());
        AssertGood(file, real);
        Assert.Equal($"sha256:{Convert.ToHexStringLower(SHA256.HashData(real))}", file.Hash);
        Assert.Contains(Reports, p => p.State == WeightDownloadState.Rejected && p.Message!.Contains("cut off"));
    }

    [Fact]
    public async Task A_file_without_a_published_hash_whose_layers_do_not_fit_is_not_kept()
    {
        await using var server = await StartAsync(Good(File.ReadAllBytes(SmallModel.File("legacy.h5"))));
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(
            EntryWithoutHash(server.Url), fits: f => WeightBinder.Bind(f, SmallModel.Build(firstFilters: 6)).Dispose()));
        Assert.Contains("c1", e.Message);
        Assert.False(File.Exists(Target));
    }

    private WeightStoreOptions WithMirrors(params string[] mirrors) => new()
    {
        CacheDirectory = Cache,
        Offline = false,
        Mirrors = mirrors,
        RetryDelay = TimeSpan.FromMilliseconds(5),
        BytesBetweenMarks = 1 << 14,
    };

    /// <summary>Gets an address without a listener.</summary>
    private static Uri ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/weights.h5");
    }

    private sealed class Cancelling(CancellationTokenSource source) : IProgress<WeightDownloadProgress>
    {
        public void Report(WeightDownloadProgress value)
        {
            if (value.BytesReceived >= 100_000)
                source.Cancel();
        }
    }

    private sealed class Counting : DelegatingHandler
    {
        public Counting() : base(new SocketsHttpHandler()) { }

        public int Sent { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Sent++;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
