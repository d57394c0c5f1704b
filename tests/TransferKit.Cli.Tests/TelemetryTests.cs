using System.ComponentModel;
using System.Diagnostics;
using TransferKit.Tests;

namespace TransferKit.Cli.Tests;

/// <summary>
/// Nothing is sent and nothing but weights is kept. ONNX Runtime writes its device id and its events below the home folder before it sends
/// them, and not at all where a variable of a build server is set, so the tool runs without these and with a home folder of its own.
/// </summary>
public sealed class TelemetryTests : IDisposable
{
    private static readonly string[] OfBuildServers =
    [
        "CI", "TF_BUILD", "GITHUB_ACTIONS", "GITLAB_CI", "TRAVIS", "CIRCLECI", "APPVEYOR",
        "TEAMCITY_VERSION", "JENKINS_URL", "BUILD_ID", "CODEBUILD_BUILD_ID",
    ];

    private readonly Transferkit _tool = new();

    [Theory]
    [InlineData("extract", "pictures", "--out", "f.npz")]
    [InlineData("export", "mobilenet_v2", "--alpha", "0.35", "--no-top", "--pooling", "avg", "--out", "m.onnx")]
    [InlineData("extract", "pictures", "--precision", "int8", "--calibration", "pictures", "--out", "f.npz")]
    public async Task A_run_writes_its_output_and_the_weight_cache_only(params string[] arguments)
    {
        await Run([], telemetry: null, arguments);

        Assert.All(FilesOfHome(), file => Assert.StartsWith(Path.Combine(".keras", "models"), file));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_run_looks_nothing_up_and_connects_to_nothing(bool atTerminal)
    {
        Assert.SkipUnless(CanRun("strace", "-o", "/dev/null", "true"), "strace is absent, or this system forbids it.");
        Assert.SkipUnless(!atTerminal || CanRun("script", "-qec", "true", "/dev/null"), "script, which makes a terminal, is absent.");
        var trace = _tool.File("trace");
        string[] within = ["strace", "-f", "-qq", "-e", "trace=%network", "-e", "signal=none", "-o", trace];

        await Run(atTerminal ? [.. within, "script", "-qec"] : within, telemetry: null, "extract", "pictures", "--out", "f.npz");

        Assert.DoesNotContain(
            await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken),
            line => line.Contains("AF_INET") || line.Contains("connect("));
        Assert.All(FilesOfHome(), file => Assert.StartsWith(Path.Combine(".keras", "models"), file));
    }

    [Fact]
    public async Task Who_asks_for_the_events_has_them()
    {
        // This run shows that the others can fail. It has no network, so it sends nothing.
        Assert.SkipUnless(CanRun("unshare", "-rn", "true"), "A process without a network cannot be had here.");

        await Run(["unshare", "-rn"], telemetry: "0", "extract", "pictures", "--out", "f.npz");

        Assert.Contains(FilesOfHome(), file => file.Contains(".onnxruntime"));
    }

    public void Dispose() => _tool.Dispose();

    private string Home => _tool.File("home");

    private async Task Run(string[] within, string? telemetry, params string[] arguments)
    {
        Directory.CreateDirectory(Home);
        Directory.CreateDirectory(_tool.File("pictures"));
        // Each format, so that each library that decodes runs; Skia decodes the JPEG in four colours.
        foreach (var picture in new[] { "chelsea.png", "rocket.jpg", "made_cmyk.jpg", "made.webp", "made.bmp",
            "no_time_for_that_tiny.gif", "multipage.tif" })
        {
            File.Copy(Goldens.Path("images", picture), _tool.File("pictures", picture), overwrite: true);
        }

        string[] command = ["dotnet", typeof(Tool).Assembly.Location, .. arguments];
        // At a terminal the tool draws bars.
        command = within is [.., "-qec"] ? [.. within, string.Join(' ', command), "/dev/null"] : [.. within, .. command];
        var start =
            new ProcessStartInfo(command[0], command[1..])
            { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _tool.Folder };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("XDG_", StringComparison.Ordinal)).Concat(
            [.. OfBuildServers, "KERAS_HOME"]).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["HOME"] = start.Environment["USERPROFILE"] = Home;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["TRANSFERKIT_OFFLINE"] = "1";
        start.Environment["ORT_DISABLE_TELEMETRY"] = telemetry;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
    }

    private string[] FilesOfHome() =>
        [.. Directory.GetFiles(Home, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Home, f))];

    private static bool CanRun(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
