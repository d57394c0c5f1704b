using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Training;

namespace TransferKit.Cli;

/// <summary>
/// Implements <c>transferkit doctor</c>, which tries what TransferKit needs of a machine and says what to do about what is missing.
/// </summary>
internal static class DoctorCommand
{
    private static readonly Uri KerasAddress = new("https://storage.googleapis.com/tensorflow/keras-applications/");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // A grey PNG of one pixel.
    private static readonly byte[] Pixel = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==");

    private enum State
    {
        Good,
        Warning,
        Failed,
    }

    private sealed record Finding(string Detail, State State = State.Good, string? Cure = null);

    private sealed record Check(string Name, string Cure, Func<ParseResult, CancellationToken, Task<Finding>> RunAsync);

    private static readonly Check[] Checks =
    [
        new("runtime", "Use glibc: an image of Debian or Ubuntu in a container.", (_, _) => Task.FromResult(Runtime())),
        new("processor", "", (_, _) => Task.FromResult(Processor())),
        new("engine", Library("onnxruntime", "Install libstdc++6 on Linux, or the Visual C++ redistributable on Windows."),
            (_, _) => Task.FromResult(Engine())),
        new("pictures", Library("libSkiaSharp", "Use a system with glibc on Linux."), (_, _) => Task.FromResult(Pictures())),
        new("first vector", "The line above says why. Mend failed checks before it first.", VectorAsync),
        new("cache", "Set KERAS_HOME or --cache to a folder that you may write to.", (parsed, _) => Task.FromResult(Cache(parsed))),
        new("network", "Set a proxy (HTTPS_PROXY), name a mirror (--mirror), or copy weights: transferkit weights import.", NetworkAsync),
        new("training", "", (parsed, _) => Task.FromResult(Training(parsed))),
    ];

    /// <param name="settings">The settings, whose sources the command names.</param>
    public static Command Create(Settings settings)
    {
        var json = JsonOption.Create();
        var command = new Command("doctor", "Check this machine: libraries, processor, cache, network and one run of a network.") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var findings = new List<(Check Check, Finding Finding)>();
            foreach (var check in Checks.Prepend(new("settings", "", (_, _) => Task.FromResult(OfSettings(parsed, settings)))))
            {
                var finding = await RunAsync(check, parsed, cancellationToken).ConfigureAwait(false);
                findings.Add((check, finding));
                if (!parsed.GetValue(json))
                    Print(check, finding);
            }
            if (parsed.GetValue(json))
            {
                Terminal.Json(findings.Select(f => new
                {
                    check = f.Check.Name,
                    state = Text(f.Finding.State),
                    detail = f.Finding.Detail,
                    cure = f.Finding.Cure,
                }));
            }
            return findings.Any(f => f.Finding.State == State.Failed) ? ExitCode.Permanent : ExitCode.Success;
        });
        return command;
    }

    private static async Task<Finding> RunAsync(Check check, ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            return await check.RunAsync(parsed, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // A missing library shows itself by exceptions of many types, and each is a finding.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new(Tool.Cause(e), State.Failed, check.Cure);
        }
    }

    private static void Print(Check check, Finding finding)
    {
        const int Indent = 23;
        var columns = TextWrap.Columns(Console.IsOutputRedirected);
        foreach (var line in TextWrap.Labelled($"{Text(finding.State),-8} {check.Name,-13}", finding.Detail, columns, Indent))
            Terminal.Line(line);
        if (finding.Cure is { Length: > 0 } cure)
        {
            foreach (var line in TextWrap.Labelled("", cure, columns, Indent))
                Terminal.Line(line);
        }
    }

    private static Finding OfSettings(ParseResult parsed, Settings settings)
    {
        var given = CommandTree.Options(parsed.CommandResult).Where(o => parsed.GetResult(o) is { Implicit: false }).ToHashSet();
        var own = settings.All.Where(s => !given.Any(o => o.Name == s.Option)).Select(s => $"{s.Name} is {s.Text} by {s.Source}");
        var options = given.Where(o => SettingName.All.Any(n => $"--{n.Name}" == o.Name)).Select(o => $"{o.Name[2..]} is set by {o.Name}");
        string[] lines = [.. options, .. own];
        var detail = lines.Length > 0 ? string.Join("; ", lines)
            : $"none from the environment, ./{SettingsFile.Name} or {Settings.UserFile}";
        return Settings.UnknownVariable() is { } unknown
            ? new($"{detail}; {unknown} has no meaning", State.Warning, $"The variables are {string.Join(", ", Settings.Variables)}.")
            : new(detail);
    }

    private static Finding Runtime()
    {
        var detail =
            $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {RuntimeInformation.RuntimeIdentifier}";
        return RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal)
            ? new($"{detail}: ONNX Runtime has no library for musl", State.Failed, Checks[0].Cure)
            : new(detail);
    }

    private static Finding Processor()
    {
        var sets = new (string Name, bool Has)[]
        {
            ("AVX2", Avx2.IsSupported), ("AVX-512", Avx512F.IsSupported), ("AVX-VNNI", AvxVnni.IsSupported),
        };
        var has = string.Concat(sets.Where(s => s.Has).Select(s => $", {s.Name}"));
        var detail = $"{RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} processors for this process{has}";
        return RuntimeInformation.ProcessArchitecture == Architecture.X64 && !Avx2.IsSupported
            ? new(detail, State.Warning, "Without AVX2, networks run at a fraction of the speed: does the virtual machine hide it?")
            : new(detail);
    }

    private static Finding Engine()
    {
        var engine = OrtEnv.Instance();
        return new($"ONNX Runtime {engine.GetVersionString()}: {string.Join(", ", engine.GetAvailableProviders())}");
    }

    private static Finding Pictures()
    {
        var image = Picture();
        return new($"SkiaSharp decodes a PNG of {image.Width} x {image.Height}");
    }

    private static RgbImage Picture() => new SkiaImageDecoder().Decode(Pixel, "pixel.png", new());

    private static async Task<Finding> VectorAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var options = new BackboneOptions
        {
            IncludeTop = false,
            Pooling = Pooling.Avg,
            Alpha = 0.35,
            Weights = MobileNetV2Weights.Alpha035NoTop,
            CacheCompiledModel = false,
        };
        using var backbone = await Backbone.LoadAsync("mobilenet_v2", options, cancellationToken: cancellationToken).ConfigureAwait(false);
        var vector = backbone.Predict(Picture(), cancellationToken: cancellationToken).ToArray();
        return new($"mobilenet_v2: {vector.Length} numbers in {clock.Elapsed.TotalSeconds:0.0} s, compiled anew");
    }

    private static Finding Cache(ParseResult parsed)
    {
        var store = new WeightStore(StoreOptions.Read(parsed));
        var files = store.List();
        var detail = $"{store.CacheDirectory}: {Terminal.Count(files.Count, "file")}, {files.Sum(f => f.Size) / 1e6:0} MB";
        if (files.FirstOrDefault(f => f.State is CachedWeightsState.Wrong or CachedWeightsState.Rejected) is { } wrong)
            return new($"{detail}; {wrong.Path} is wrong", State.Warning, "transferkit weights verify names the problem.");
        Directory.CreateDirectory(store.CacheDirectory);
        var probe = Path.Combine(store.CacheDirectory, $".{Path.GetRandomFileName()}.tmp");
        new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
        return new(detail);
    }

    private static async Task<Finding> NetworkAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = StoreOptions.Read(parsed);
        if (new WeightStore(options).IsOffline)
            return new("not tried: offline");
        using var client = new HttpClient { Timeout = Patience };
        var unreachable = new List<string>();
        var mirrors = options.Mirrors.Where(m => m.StartsWith("http", StringComparison.Ordinal)).Select(m => new Uri(m));
        Uri[] addresses = [.. mirrors, KerasAddress];
        foreach (var address in addresses)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Head, address);
                // Any answer will do: folders of such hosts have none.
                using var answer = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is HttpRequestException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                unreachable.Add($"{address.Host} ({e.GetBaseException().Message.TrimEnd('.')})");
            }
        }
        return unreachable.Count == 0
            ? new($"{string.Join(", ", addresses.Select(a => a.Host))} answer")
            : new($"no answer from {string.Join(", ", unreachable)}", State.Warning, Checks.Single(c => c.Name == "network").Cure);
    }

    private static Finding Training(ParseResult parsed) =>
        Environment.GetEnvironmentVariable(TorchLibraries.FolderVariable) is { Length: > 0 } folder ? new($"libtorch of {folder}")
        : LibTorch.IsCached(new(StoreOptions.Read(parsed))) ? new("libtorch is cached")
        : new("libtorch is not here yet: the first transferkit train downloads it with the .NET SDK");

    private static string Library(string name, string cure) =>
        $"{cure} If {name} itself is missing, install the tool again: dotnet tool uninstall --global TransferKit.Cli, then dotnet tool "
        + "install --global TransferKit.Cli. A program of yours is published for this system: "
        + $"dotnet publish -r {RuntimeInformation.RuntimeIdentifier}.";

    private static string Text(State state) => state.ToString().ToLowerInvariant();
}
