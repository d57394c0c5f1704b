using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests.Packages;

/// <summary>Uses the packages as their users do: from a feed, in projects outside the repository.</summary>
[Trait("Category", "Slow")]
[Collection(PackageFeed.Collection)]
public partial class PackageTests(PackageFeed feed)
{
    private static readonly string Picture = Path.GetFullPath(Goldens.Path("..", "..", "docs", "samples", "pictures", "rocket.jpg"));

    private const string Tool = "TransferKit.Cli";
    private const string Sdk = "Microsoft.NET.Sdk";

    private static readonly string[] WithWeights = ["TransferKit", "TransferKit.Weights.MobileNetV2"];
    private static readonly string[] Build = ["build", "-v", "q"];

    // What ONNX Runtime and SkiaSharp are called on each system that the tool has a package for.
    private static readonly Dictionary<string, string[]> NativesOfTool = new()
    {
        ["linux-x64"] = ["libSkiaSharp.so", "libonnxruntime.so", "libonnxruntime_providers_shared.so"],
        ["linux-arm64"] = ["libSkiaSharp.so", "libonnxruntime.so", "libonnxruntime_providers_shared.so"],
        ["osx-arm64"] = ["libSkiaSharp.dylib", "libonnxruntime.dylib"],
        ["win-x64"] = ["libSkiaSharp.dll", "onnxruntime.dll", "onnxruntime_providers_shared.dll"],
        ["win-arm64"] = ["libSkiaSharp.dll", "onnxruntime.dll", "onnxruntime_providers_shared.dll"],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => new(PackageFeed.Names.Concat(Systems.Select(s => ToolFor(s.Data))));

    public static TheoryData<string> Systems => new(NativesOfTool.Keys);

    public static TheoryData<string> Libraries => new(PackageFeed.Names.Where(n => n != Tool));

    [Theory, MemberData(nameof(Names))]
    public void A_package_has_its_readme_icon_licence_notice_and_documentation(string name)
    {
        using var package = ZipFile.OpenRead(feed.PackagePath(name));
        var files = package.Entries.Select(e => e.FullName).ToArray();
        using var stream = package.Entries.Single(e => e.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        var metadata = XDocument.Load(stream).Root!.Elements().First();
        string? Value(string element) => metadata.Elements().SingleOrDefault(e => e.Name.LocalName == element)?.Value;

        Assert.Equal(("README.md", "icon.png", name), (Value("readme"), Value("icon"), Value("id")));
        Assert.StartsWith("MIT", Value("license"));
        Assert.All(["README.md", "icon.png", "LICENSE", "NOTICE", "CHANGELOG.md"], file => Assert.Contains(file, files));
        var isTool = name.StartsWith(Tool, StringComparison.Ordinal);
        Assert.Contains(isTool ? "weights/NOTICE" : $"lib/net10.0/{name}.xml", files);
        using var readme = new StreamReader(package.GetEntry("README.md")!.Open());
        var text = readme.ReadToEnd();
        Assert.StartsWith($"# {(isTool ? Tool : name)}\n", text);
        Assert.InRange(text.Count('\n'), 10, 40);
        // The page of a package has no other files beside it.
        Assert.DoesNotMatch(@"\]\((?!https:)", text);
    }

    [Theory, MemberData(nameof(Systems))]
    public void A_system_has_a_package_of_the_tool_with_its_natives_alone(string system)
    {
        using var package = ZipFile.OpenRead(feed.PackagePath(ToolFor(system)));
        var natives = package.Entries.Where(e => IsNative(e.Name)).Select(e => e.FullName);

        Assert.Equal(
            NativesOfTool[system].Select(n => $"tools/net10.0/{system}/{n}").Order(StringComparer.Ordinal),
            natives.Order(StringComparer.Ordinal));
        Assert.DoesNotContain(package.Entries, e => e.Name.EndsWith(".lib", StringComparison.Ordinal));

        static bool IsNative(string name) =>
            name.StartsWith("onnxruntime", StringComparison.Ordinal) || name.StartsWith("lib", StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Libraries))]
    public async Task The_code_of_a_readme_compiles_against_its_package(string name)
    {
        var readme = await File.ReadAllTextAsync(Path.GetFullPath(Goldens.Path("..", "..", "src", name, "README.md")), Token);
        var code = string.Concat(CSharpBlock().Matches(readme).Select(m => m.Groups[1].Value));
        string[] packages = name == WithWeights[1] ? WithWeights : [name];

        // A readme that builds a web application is of a web project.
        var sdk = code.Contains("Microsoft.AspNetCore", StringComparison.Ordinal) ? $"{Sdk}.Web" : Sdk;

        await feed.RunAsync(feed.Folder(name), [("p.csproj", feed.Project(sdk, packages)), ("Program.cs", code)], Build, Token);
    }

    [Fact]
    public async Task A_console_program_computes_features()
    {
        var folder = feed.Folder("console");
        await feed.RunAsync(folder, [("p.csproj", feed.Project(Sdk, WithWeights)), ("Program.cs", Features)], Build, Token);

        Assert.Equal("1280", (await feed.DotnetAsync(folder, ["run", "--no-build", "--", Picture], Token))[^1]);
    }

    [Fact]
    public async Task A_file_without_a_project_computes_features()
    {
        var head = $"#:package TransferKit@{feed.Version}\n#:package TransferKit.Weights.MobileNetV2@{feed.Version}\n";

        var lines = await feed.RunAsync(feed.Folder("file"), [("app.cs", head + Features)], ["run", "app.cs", "--", Picture], Token);

        Assert.Equal("1280", lines[^1]);
    }

    [Fact]
    public async Task A_web_application_answers_with_features()
    {
        var folder = feed.Folder("web");
        const string Program = """
            using TransferKit;
            var builder = WebApplication.CreateBuilder(args);
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Services.AddTransferKit();
            builder.Services.AddBackbone("mobilenet_v2", new()
            {
                IncludeTop = false, Pooling = Pooling.Avg, Alpha = 0.35, Weights = MobileNetV2Weights.Alpha035NoTop,
            });
            var app = builder.Build();
            app.MapPost("/features", async (HttpRequest request, IBackbone backbone) =>
            {
                using var picture = new MemoryStream();
                await request.Body.CopyToAsync(picture);
                picture.Position = 0;
                return backbone.Predict(picture, new ImageLoadOptions { Decode = ImageDecodeOptions.ForUploads }).ToArray().Length;
            });
            app.Run();
            """;
        await feed.RunAsync(folder, [("p.csproj", feed.Project($"{Sdk}.Web", WithWeights)), ("Program.cs", Program)], Build, Token);

        using var process = feed.Start(folder, "dotnet", ["run", "--no-build", "--no-launch-profile"]);
        try
        {
            const string Listening = "Now listening on: ";
            string? line;
            do
                line = await process.StandardOutput.ReadLineAsync(Token);
            while (line is not null && !line.Contains(Listening, StringComparison.Ordinal));
            Assert.NotNull(line);
            var address = line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..];
            using var client = new HttpClient { BaseAddress = new(address) };
            using var content = new ByteArrayContent(await File.ReadAllBytesAsync(Picture, Token));
            using var answer = await client.PostAsync(new Uri("/features", UriKind.Relative), content, Token);

            Assert.Equal("1280", await answer.Content.ReadAsStringAsync(Token));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task The_tool_installs_and_extracts()
    {
        var folder = feed.Folder("tool");
        await feed.DotnetAsync(folder,
            ["tool", "install", Tool, "--version", feed.Version, "--add-source", feed.Folder("feed"), "--tool-path", folder],
            Token);
        using var process = feed.Start(folder, Path.Combine(folder, "transferkit"),
            ["extract", Path.GetDirectoryName(Picture)!, "--out", Path.Combine(folder, "features.npz")]);
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);

        Assert.Equal(0, process.ExitCode);
        Assert.StartsWith("4 written, 0 skipped", output);
    }

    private static string ToolFor(string system) => $"{Tool}.{system}";

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    private const string Features = """
        using TransferKit;
        using var backbone = Backbone.Load("mobilenet_v2", includeTop: false, pooling: Pooling.Avg, alpha: 0.35,
            weights: MobileNetV2Weights.Alpha035NoTop);
        Console.WriteLine(backbone.Predict(args[0]).ToArray().Length);
        """;
}
