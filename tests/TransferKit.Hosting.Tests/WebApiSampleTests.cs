using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using TransferKit.Tests;

namespace TransferKit.Hosting.Tests;

public class WebApiSampleTests(WebApiSample app) : IClassFixture<WebApiSample>
{
    private static readonly byte[] Rocket = File.ReadAllBytes(Path.Combine(Sample.Pictures, "rocket.jpg"));

    [Fact]
    public async Task Sixty_four_clients_at_once_all_get_the_features_of_their_pictures()
    {
        var cancel = TestContext.Current.CancellationToken;
        string[] names = ["rocket.jpg", "coffee.png"];
        using var backbone = Backbone.Load("mobilenet_v2", MobileNet.Options with { InputSize = null });
        var expected = names.Select(n => backbone.Predict(
            Path.Combine(Sample.Pictures, n), new ImageLoadOptions { Interpolation = Interpolation.Bicubic }).ToArray()).ToArray();
        var pictures = names.Select(n => File.ReadAllBytes(Path.Combine(Sample.Pictures, n))).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 64).Select(async i =>
        {
            using var answer = await app.PostAsync("/features", WebApiSample.Upload(pictures[i % 2]));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(expected[i % 2], await answer.Content.ReadFromJsonAsync<float[]>(cancel));
        }));
    }

    [Fact]
    public async Task Predictions_are_classes_with_scores()
    {
        using var answer = await app.PostAsync("/predictions", WebApiSample.Upload(Rocket));

        var predictions = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(3, predictions.GetArrayLength());
        Assert.InRange(predictions[0].GetProperty("score").GetSingle(), 0, 1);
    }

    [Fact]
    public async Task An_upload_that_is_no_picture_is_an_unsupported_media_type()
    {
        using var answer = await app.PostAsync("/features", WebApiSample.Upload(Encoding.UTF8.GetBytes("no picture")));

        Assert.NotNull(await WebApiSample.ProblemAsync(HttpStatusCode.UnsupportedMediaType, answer));
    }

    [Fact]
    public async Task A_picture_that_is_cut_off_is_a_bad_request()
    {
        using var answer = await app.PostAsync("/predictions", WebApiSample.Upload(Rocket[..2000]));

        Assert.NotNull(await WebApiSample.ProblemAsync(HttpStatusCode.BadRequest, answer));
    }

    [Fact]
    public async Task A_picture_of_too_many_pixels_is_too_large()
    {
        var header = File.ReadAllBytes(Path.Combine(Sample.Pictures, "coffee.png"));
        // The width of the PNG, and the CRC of its header.
        header.AsSpan(16, 4).Clear();
        header[17] = 0x10;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(
            header.AsSpan(29), System.IO.Hashing.Crc32.HashToUInt32(header.AsSpan(12, 17)));

        using var answer = await app.PostAsync("/features", WebApiSample.Upload(header));

        Assert.NotNull(await WebApiSample.ProblemAsync(HttpStatusCode.RequestEntityTooLarge, answer));
    }

    [Fact]
    public async Task A_request_of_too_many_bytes_is_too_large()
    {
        // The server answers before it has the body, whose sender waits for this answer.
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/features", UriKind.Relative))
        {
            Content = WebApiSample.Upload(new byte[21_000_000]),
            Headers = { ExpectContinue = true },
        };

        using var answer = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);

        await WebApiSample.ProblemAsync(HttpStatusCode.RequestEntityTooLarge, answer);
    }

    [Fact]
    public async Task A_form_without_the_picture_and_a_body_that_is_no_form_are_problems_too()
    {
        using var other = await app.PostAsync("/features", WebApiSample.Upload(Rocket, field: "picture"));
        using var json = await app.PostAsync("/features", JsonContent.Create(1));

        await WebApiSample.ProblemAsync(HttpStatusCode.BadRequest, other);
        await WebApiSample.ProblemAsync(HttpStatusCode.UnsupportedMediaType, json);
    }

    [Fact]
    public async Task The_health_check_reports_that_both_backbones_are_warm()
    {
        var cancel = TestContext.Current.CancellationToken;
        string health;
        do
        {
            using var answer = await app.Client.GetAsync(new Uri("/health", UriKind.Relative), cancel);
            health = await answer.Content.ReadAsStringAsync(cancel);
            await Task.Delay(20, cancel);
        }
        while (health != "Healthy");
        Assert.Contains("The backbone classifier is loaded", app.Output);
    }

    [Fact]
    public async Task Requests_beyond_those_that_may_wait_are_turned_away()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var narrow = new WebApiSample("--Requests:AtOnce=1", "--Requests:Waiting=0");
        await narrow.InitializeAsync();
        // A request whose body never ends holds the only permit once it is answered with 100.
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, narrow.Client.BaseAddress!.Port, cancel);
        await connection.GetStream().WriteAsync(
            "POST /features HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Type: multipart/form-data; boundary=b\r\n"u8.ToArray()
                .Concat("Content-Length: 1000\r\n\r\n"u8.ToArray()).ToArray(), cancel);
        var line = await new StreamReader(connection.GetStream()).ReadLineAsync(cancel);

        using var answer = await narrow.PostAsync("/features", WebApiSample.Upload(Rocket));

        Assert.Equal("HTTP/1.1 100 Continue", line);
        await WebApiSample.ProblemAsync(HttpStatusCode.ServiceUnavailable, answer);
    }
}
