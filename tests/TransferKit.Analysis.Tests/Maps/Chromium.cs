using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TransferKit.Analysis.Tests.Maps;

/// <summary>Drives a headless Chromium by the DevTools protocol.</summary>
public sealed class Chromium : IAsyncLifetime
{
    public const string Absent = "Chromium is not installed: apt-get install chromium.";

    private readonly string _profile = Directory.CreateTempSubdirectory("transferkit-chromium-").FullName;
    private readonly ClientWebSocket _socket = new();
    private Process? _process;
    private string? _session;
    private int _calls;

    /// <summary>Gets the path of Chromium, or null where there is none.</summary>
    public static string? Executable { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Gets the events that arrived since the page was opened.</summary>
    public List<JsonNode> Events { get; } = [];

    public async ValueTask InitializeAsync()
    {
        if (Executable is null)
            return;
        string[] arguments =
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--remote-debugging-port=0",
            $"--user-data-dir={_profile}", "about:blank",
        ];
        _process = Process.Start(new ProcessStartInfo(Executable, arguments) { RedirectStandardError = true })!;
        const string announcement = "DevTools listening on ";
        string? line;
        do
        {
            line = await _process.StandardError.ReadLineAsync();
        }
        while (line is not null && !line.StartsWith(announcement, StringComparison.Ordinal));
        Assert.NotNull(line);
        _ = _process.StandardError.ReadToEndAsync();
        await _socket.ConnectAsync(new Uri(line[announcement.Length..]), default);
        var targets = await CallAsync("Target.getTargets");
        var page = targets["targetInfos"]!.AsArray().First(t => (string?)t!["type"] == "page")!;
        var attached = await CallAsync("Target.attachToTarget", new() { ["targetId"] = (string?)page["targetId"], ["flatten"] = true });
        _session = (string?)attached["sessionId"];
        foreach (var domain in new[] { "Page", "Runtime", "Log", "Network" })
            await CallAsync($"{domain}.enable");
        await CallAsync("Emulation.setDeviceMetricsOverride", new()
        {
            ["width"] = 1200,
            ["height"] = 800,
            ["deviceScaleFactor"] = 1,
            ["mobile"] = false,
        });
    }

    /// <summary>Opens a page and waits until it has drawn itself.</summary>
    public async Task OpenAsync(string path)
    {
        Events.Clear();
        await CallAsync("Page.navigate", new() { ["url"] = new Uri(path).AbsoluteUri });
        while (!await EvaluateAsync<bool>("document.readyState === 'complete' && document.URL.startsWith('file:')"))
            await Task.Delay(20);
        await DrawnAsync();
    }

    public Task DrawnAsync() =>
        EvaluateAsync<bool>("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");

    public async Task<T> EvaluateAsync<T>(string expression)
    {
        var reply = await CallAsync("Runtime.evaluate", new()
        {
            ["expression"] = expression,
            ["awaitPromise"] = true,
            ["returnByValue"] = true,
        });
        Assert.Null(reply["exceptionDetails"]?.ToJsonString());
        return reply["result"]!["value"].Deserialize<T>()!;
    }

    public Task<string[]> TextsAsync(string selector) =>
        EvaluateAsync<string[]>($"[...document.querySelectorAll({JsonSerializer.Serialize(selector)})].map(e => e.textContent)");

    public async Task ClickAsync(string selector)
    {
        var place = await EvaluateAsync<double[]>(
            $"(b => [b.x + b.width / 2, b.y + b.height / 2])"
            + $"(document.querySelector({JsonSerializer.Serialize(selector)}).getBoundingClientRect())");
        await DragAsync([(place[0], place[1])]);
    }

    /// <summary>Presses the mouse at the first place, moves it over the others, and releases it.</summary>
    public async Task DragAsync((double X, double Y)[] places)
    {
        await MouseAsync("mousePressed", places[0]);
        foreach (var place in places.Skip(1))
            await MouseAsync("mouseMoved", place);
        await MouseAsync("mouseReleased", places[^1]);
        await DrawnAsync();
    }

    public async Task PressAsync(string key, string? text = null)
    {
        await CallAsync("Input.dispatchKeyEvent", new()
        {
            ["type"] = text is null ? "rawKeyDown" : "keyDown",
            ["key"] = key,
            ["text"] = text ?? "",
            ["windowsVirtualKeyCode"] = key == "Enter" ? 13 : 0,
        });
        await CallAsync("Input.dispatchKeyEvent", new() { ["type"] = "keyUp", ["key"] = key });
        await DrawnAsync();
    }

    public async Task<JsonNode> CallAsync(string method, JsonObject? parameters = null)
    {
        var call = new JsonObject { ["id"] = ++_calls, ["method"] = method, ["params"] = parameters ?? [] };
        if (_session is not null)
            call["sessionId"] = _session;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(call), WebSocketMessageType.Text, true, limit.Token);
        while (true)
        {
            var message = await ReceiveAsync(limit.Token);
            if ((int?)message["id"] == _calls)
                return message["result"] ?? throw new InvalidOperationException(message.ToJsonString());
            Events.Add(message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
        // Helper processes may write for a moment longer.
        for (var attempt = 0; Directory.Exists(_profile); attempt++)
        {
            try
            {
                Directory.Delete(_profile, recursive: true);
            }
            catch (IOException) when (attempt < 50)
            {
                await Task.Delay(100);
            }
        }
    }

    private Task MouseAsync(string type, (double X, double Y) place) => CallAsync("Input.dispatchMouseEvent", new()
    {
        ["type"] = type,
        ["x"] = place.X,
        ["y"] = place.Y,
        ["button"] = "left",
        ["buttons"] = 1,
        ["clickCount"] = 1,
    });

    private async Task<JsonNode> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        WebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer, cancellationToken);
            bytes.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return JsonNode.Parse(bytes.ToArray())!;
    }
}
