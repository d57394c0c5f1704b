using System.Xml.Linq;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

/// <summary>Compares the platforms that the documentation names with those that the packages have native libraries for.</summary>
public class PlatformTests
{
    private static readonly string s_packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static readonly (string Name, string Rid)[] s_systems = [("Linux with glibc", "linux"), ("Windows", "win"), ("macOS", "osx")];

    [Fact]
    public void The_table_of_platforms_is_what_the_packages_have_libraries_for()
    {
        string[] engine = Platforms("Microsoft.ML.OnnxRuntime");
        string[] pictures =
            [.. Platforms("SkiaSharp.NativeAssets.Linux.NoDependencies"), .. Platforms("SkiaSharp.NativeAssets.Win32", "SkiaSharp"), .. Platforms("SkiaSharp.NativeAssets.macOS", "SkiaSharp")];
        string[] training = [.. Platforms("TorchSharp").Where(p => Version($"libtorch-cpu-{p}") is not null)];
        // SkiaSharp has one library for both processors of macOS.
        string[] features = [.. engine.Where(p => pictures.Contains(p) || pictures.Contains(p.Split('-')[0])).Order(StringComparer.Ordinal)];

        Assert.Equal(["linux-arm64", "linux-x64", "osx-arm64", "win-arm64", "win-x64"], features);
        var page = File.ReadAllText(Goldens.Path("..", "..", "docs", "getting-started.md"));
        foreach (var (name, rid) in s_systems)
            Assert.Contains($"| {name} | {Processors(features, rid)} | {Processors(training, rid)} |", page);
        Assert.DoesNotContain(engine, p => p.Contains("musl") || p == "osx-x64" || p.EndsWith("-x86"));
    }

    private static string Processors(string[] platforms, string system) => string.Join(", ", platforms
        .Where(p => p.StartsWith(system + "-", StringComparison.Ordinal)).Select(p => p.Split('-')[^1]).OrderDescending(StringComparer.Ordinal)
        .Select(p => p == "arm64" ? "Arm64" : p));

    /// <summary>Returns the names of the folders of native libraries in a package.</summary>
    private static string[] Platforms(string package, string? versionOf = null)
    {
        var folder = Path.Combine(s_packages, package.ToLowerInvariant(), Version(versionOf ?? package)!, "runtimes");
        return [.. Directory.GetDirectories(folder).Where(f => Directory.Exists(Path.Combine(f, "native"))).Select(f => Path.GetFileName(f)!)];
    }

    private static string? Version(string package) => XDocument.Load(Goldens.Path("..", "..", "src", "Directory.Packages.props"))
        .Descendants("PackageVersion").FirstOrDefault(p => p.Attribute("Include")!.Value == package)?.Attribute("Version")!.Value;
}
