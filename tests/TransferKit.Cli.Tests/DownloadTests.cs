using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TransferKit.Cli.Tests;

/// <summary>Tests the tool's downloads from a server that is busy at first, and then stalls in mid-transfer.</summary>
public sealed class DownloadTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Transferkit _tool = new();

    public DownloadTests() => _listener.Start();

    [Fact]
    public async Task Tries_that_failed_are_told_and_Ctrl_C_ends_it_with_130_and_keeps_what_has_arrived()
    {
        Interrupt.SkipUnlessHeard();
        var port = ((IPEndPoint)_listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        using var process = _tool.Start(offline: false, "weights", "pull", "vgg16", "--no-top", "--mirror", $"http://127.0.0.1:{port}/");
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

        using var first = await AnswerAsync("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
        first.Dispose();
        using var second = await AnswerAsync(
            [.. "HTTP/1.1 200 OK\r\nContent-Length: 58889256\r\n\r\n"u8, 0x89, .. "HDF\r\n"u8, 0x1a, .. "\n"u8, .. new byte[99_992]]);
        var part = Path.Combine(_tool.File("keras", "models"), "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5.part");
        while (!(File.Exists(part) && new FileInfo(part).Length == 100_000) && !process.HasExited)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        await Interrupt.SendAsync(process);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 130, $"{process.ExitCode}: {await error}");
        var lines = (await error).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Contains("retrying in", lines[0]);
        Assert.StartsWith("transferkit: Cancelled;", lines[1]);
        Assert.Equal(100_000, new FileInfo(part).Length);
    }

    private async Task<TcpClient> AnswerAsync(byte[] answer)
    {
        var client = await _listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await client.GetStream().ReadAtLeastAsync(
            new byte[4096], minimumBytes: 1, throwOnEndOfStream: false, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(answer, TestContext.Current.CancellationToken);
        return client;
    }

    public void Dispose()
    {
        _listener.Stop();
        _tool.Dispose();
    }
}
