using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TransferKit.Tests.Onnx;

namespace TransferKit.Tests.WeightSources;

/// <summary>Serves one file on 127.0.0.1. The n-th request gets the n-th answer, and later requests get the last one.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly RequestDelegate[] _answers;
    private int _requests;

    private FileServer(WebApplication app, RequestDelegate[] answers) => (_app, _answers) = (app, answers);

    public int Requests => _requests;

    /// <summary>Gets the range header of each request, or null.</summary>
    public List<string?> Ranges { get; } = [];

    public Uri Url { get; private set; } = null!;

    public static async Task<FileServer> StartAsync(params RequestDelegate[] answers) => await StartAsync(null, answers);

    public static async Task<FileServer> StartAsync(X509Certificate2? certificate, params RequestDelegate[] answers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        builder.WebHost.UseKestrelHttpsConfiguration();
        var server = new FileServer(builder.Build(), answers);
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        var addresses =
            server._app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!;
        server.Url = new Uri(addresses.Addresses.Single() + "/weights.h5");
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var n = Interlocked.Increment(ref _requests);
        lock (Ranges)
            Ranges.Add(context.Request.Headers.Range.FirstOrDefault());
        await _answers[Math.Min(n, _answers.Length) - 1](context);
    }

    /// <summary>Answers correctly, with ranges, an ETag and If-Range.</summary>
    public static RequestDelegate Good(byte[] content, string etag = "\"v1\"", int bytesPerPiece = int.MaxValue, int pause = 0) =>
        async context =>
    {
        var (start, response) = (0, context.Response);
        response.Headers.ETag = etag;
        response.Headers.AcceptRanges = "bytes";
        var range = context.Request.GetTypedHeaders().Range?.Ranges.SingleOrDefault();
        var condition = context.Request.Headers.IfRange.FirstOrDefault();
        if (range?.From is { } from && (condition is null || condition == etag))
        {
            if (from >= content.Length)
            {
                response.StatusCode = 416;
                response.Headers.ContentRange = $"bytes */{content.Length}";
                return;
            }
            start = (int)from;
            response.StatusCode = 206;
            response.Headers.ContentRange = $"bytes {start}-{content.Length - 1}/{content.Length}";
        }
        response.ContentLength = content.Length - start;
        for (var at = start; at < content.Length;)
        {
            var length = Math.Min(bytesPerPiece, content.Length - at);
            await response.Body.WriteAsync(content.AsMemory(at, length));
            await response.Body.FlushAsync();
            at += length;
            if (pause > 0)
                await Task.Delay(pause);
        }
    };

    /// <summary>Sends the first bytes of the range correctly, and then runs an action.</summary>
    public static RequestDelegate Partly(
        byte[] content, int bytes, Func<HttpContext, Task> then, bool length = true, bool ranges = true, string etag = "\"v1\"") =>
        async context =>
    {
        var start = ranges && context.Request.GetTypedHeaders().Range?.Ranges.SingleOrDefault()?.From is { } from ? (int)from : 0;
        if (ranges)
            context.Response.Headers.ETag = etag;
        if (start > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {start}-{content.Length - 1}/{content.Length}";
        }
        if (length)
            context.Response.ContentLength = content.Length - start;
        await context.Response.Body.WriteAsync(content.AsMemory(start, Math.Min(bytes, content.Length - start)));
        await context.Response.Body.FlushAsync();
        await then(context);
    };

    public static RequestDelegate Status(int status, string? retryAfter = null) => context =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;
        return Task.CompletedTask;
    };

    public static RequestDelegate Redirect(Func<string> location) => context =>
    {
        context.Response.Redirect(location());
        return Task.CompletedTask;
    };

    public static async Task Reset(HttpContext context)
    {
        // A reset also discards bytes that the client has not read yet.
        await Task.Delay(100);
        context.Abort();
    }

    public static Task Stall(HttpContext context) => Task.Delay(Timeout.Infinite, context.RequestAborted);

    public static Task End(HttpContext context) => Task.CompletedTask;
}
