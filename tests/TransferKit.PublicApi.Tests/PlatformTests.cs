using System.Diagnostics;
using System.Xml.Linq;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

/// <summary>Compares the platforms that the documentation names with those that the packages have native libraries for.</summary>
public class PlatformTests
{
    private static readonly string Packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static readonly (string Name, string Rid)[] Systems = [("Linux with glibc", "linux"), ("Windows", "win"), ("macOS", "osx")];

    [Fact]
    public void The_table_of_platforms_is_what_the_packages_have_libraries_for()
    {
        string[] engine = Platforms("Microsoft.ML.OnnxRuntime");
        string[] pictures =
            [.. Platforms("SkiaSharp.NativeAssets.Linux.NoDependencies"), .. Platforms("SkiaSharp.NativeAssets.Win32", "SkiaSharp"),
                .. Platforms("SkiaSharp.NativeAssets.macOS", "SkiaSharp")];
        string[] training = [.. Platforms("TorchSharp").Where(p => Version($"libtorch-cpu-{p}") is not null)];
        // SkiaSharp has one library for both processors of macOS.
        string[] features =
            [.. engine.Where(p => pictures.Contains(p) || pictures.Contains(p.Split('-')[0])).Order(StringComparer.Ordinal)];

        Assert.Equal(["linux-arm64", "linux-x64", "osx-arm64", "win-arm64", "win-x64"], features);
        var page = File.ReadAllText(Goldens.Path("..", "..", "docs", "getting-started.md"));
        foreach (var (name, rid) in Systems)
            Assert.Contains($"| {name} | {Processors(features, rid)} | {Processors(training, rid)} |", page);
        Assert.DoesNotContain(engine, p => p.Contains("musl") || p == "osx-x64" || p.EndsWith("-x86"));
    }

    // A later version would force it upon every program, and one that names an earlier version would not restore (NU1605).
    [Fact]
    public void Packages_of_NET_are_required_from_their_first_version_on()
    {
        var required = Directory.GetFiles(Goldens.Path("..", "..", "src"), "*.csproj", SearchOption.AllDirectories)
            .SelectMany(project => XDocument.Load(project).Descendants("PackageReference"))
            .Select(reference => reference.Attribute("Include")!.Value).Distinct()
            .Where(name => name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
                || name is "System.IO.Hashing" or "System.Numerics.Tensors")
            // Microsoft.Extensions.AI has versions of its own, which begin with 10.
            .Where(name => !name.StartsWith("Microsoft.Extensions.AI", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(required);
        Assert.All(required, name => Assert.Equal("10.0.0", Version(name)));
    }

    // Internal types may be others in any later version. A tool brings all its assemblies.
    [Fact]
    public void A_package_that_uses_internal_types_of_another_requires_its_exact_version()
    {
        var projects = Directory.GetDirectories(Goldens.Path("..", "..", "src"))
            .SelectMany(folder => Directory.GetFiles(folder, "*.csproj"))
            .ToDictionary(p => Path.GetFileNameWithoutExtension(p), XDocument.Load);
        var friends = projects.Values.SelectMany(p => p.Descendants("InternalsVisibleTo")).Select(f => f.Attribute("Include")!.Value)
            .Where(f => projects.TryGetValue(f, out var project) && !Says(project, "PackAsTool")).Distinct().Order();

        Assert.Equal(friends, projects.Where(p => Says(p.Value, "UsesInternalTypes")).Select(p => p.Key).Order());

        static bool Says(XDocument project, string property) => project.Descendants(property).Any(p => p.Value == "true");
    }

    [Fact]
    public void A_package_of_ONNX_Runtime_for_a_GPU_wins_where_it_has_libraries_and_symbols_are_left_out()
    {
        using var folder = new TemporaryFolder();
        var targets = Goldens.Path("..", "..", "src", "TransferKit", "buildTransitive", "TransferKit.targets");
        File.WriteAllText(folder.File("p.proj"), $"""
            <Project>
              <Import Project="{targets}" />
              <Target Name="ResolvePackageAssets">
                <ItemGroup>
                  <RuntimeTargetsCopyLocalItems Include="cpu/linux-x64/libonnxruntime.so"
                    NuGetPackageId="Microsoft.ML.OnnxRuntime"
                    DestinationSubDirectory="runtimes/linux-x64/native/" />
                  <RuntimeTargetsCopyLocalItems Include="cpu/osx-arm64/libonnxruntime.dylib"
                    NuGetPackageId="Microsoft.ML.OnnxRuntime"
                    DestinationSubDirectory="runtimes/osx-arm64/native/" />
                  <RuntimeTargetsCopyLocalItems Include="gpu/linux-x64/libonnxruntime.so"
                    NuGetPackageId="Microsoft.ML.OnnxRuntime.Gpu.Linux"
                    DestinationSubDirectory="runtimes/linux-x64/native/" Condition="'$(Gpu)' == 'true'" />
                  <RuntimeTargetsCopyLocalItems Include="skia/libSkiaSharp.dll;skia/libSkiaSharp.pdb"
                    NuGetPackageId="SkiaSharp.NativeAssets.Win32"
                    DestinationSubDirectory="runtimes/win-x64/native/" />
                  <RuntimeTargetsCopyLocalItems Include="other/other.pdb"
                    NuGetPackageId="Other"
                    DestinationSubDirectory="runtimes/win-x64/native/" />
                </ItemGroup>
              </Target>
              <Target Name="Print" DependsOnTargets="ResolvePackageAssets">
                <Message Importance="high" Text="natives=@(RuntimeTargetsCopyLocalItems->'%(Identity)', ',')" />
              </Target>
            </Project>
            """);

        Assert.Equal(
            "cpu/linux-x64/libonnxruntime.so,cpu/osx-arm64/libonnxruntime.dylib,skia/libSkiaSharp.dll,other/other.pdb", Natives());
        Assert.Equal(
            "cpu/osx-arm64/libonnxruntime.dylib,gpu/linux-x64/libonnxruntime.so,skia/libSkiaSharp.dll,other/other.pdb",
            Natives("-p:Gpu=true"));
        Assert.Contains("skia/libSkiaSharp.pdb", Natives("-p:TransferKitNativeSymbols=true"));

        string Natives(params string[] options)
        {
            var info = new ProcessStartInfo("dotnet", ["msbuild", folder.File("p.proj"), "-t:Print", "-nologo", "-v:m", .. options])
            {
                RedirectStandardOutput = true,
            };
            using var process = Process.Start(info)!;
            return process.StandardOutput.ReadToEnd().Split("natives=")[1].Trim();
        }
    }

    private static string Processors(string[] platforms, string system) => string.Join(", ", platforms
        .Where(p => p.StartsWith(system + "-", StringComparison.Ordinal)).Select(p => p.Split('-')[^1])
        .OrderDescending(StringComparer.Ordinal)
        .Select(p => p == "arm64" ? "Arm64" : p));

    /// <summary>Returns the names of the folders of native libraries in a package.</summary>
    private static string[] Platforms(string package, string? versionOf = null)
    {
        var folder = Path.Combine(Packages, package.ToLowerInvariant(), Version(versionOf ?? package)!, "runtimes");
        return [.. Directory.GetDirectories(folder).Where(f => Directory.Exists(Path.Combine(f, "native"))).Select(
            f => Path.GetFileName(f)!)];
    }

    private static string? Version(string package) => XDocument.Load(Goldens.Path("..", "..", "src", "Directory.Packages.props"))
        .Descendants("PackageVersion").FirstOrDefault(p => p.Attribute("Include")!.Value == package)?.Attribute("Version")!.Value;
}
