using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

/// <summary>Publishes a program that references ONNX Runtime's package for GPUs beside TransferKit's own package, and starts it.</summary>
[Trait("Category", "Slow")]
public class GpuPackageTests
{
    private const string Engine = "libonnxruntime.so";

    // The package in the package folder of the user, which a restore may fill from the user's sources.
    private static readonly string Packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    [Theory]
    [InlineData("Microsoft.ML.OnnxRuntime.Gpu", "runtimes/linux-x64/native")]
    [InlineData("Microsoft.ML.OnnxRuntime.Gpu.Linux", "", "-r", "linux-x64", "--no-self-contained")]
    public async Task A_published_program_runs_on_the_engine_of_the_GPU_package_and_gives_the_features(
        string package, string natives, params string[] options)
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64,
            "The package has no libraries for this system.");
        const string Version = "1.31.0";
        using var folder = new TemporaryFolder();
        var source = Path.GetFullPath(Goldens.Path("..", "..", "src", "TransferKit"));
        var build = AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
        var (packed, output) = await Dotnet(
            folder, "pack", source, "--no-build", "-c", build, "-o", folder.File("feed"), "-p:PackageVersion=0.0.1-test");
        Assert.True(packed, output);
        await File.WriteAllTextAsync(folder.File("App.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <RestorePackagesPath>{folder.File("packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{Packages}</RestoreFallbackFolders>
                <RestoreAdditionalProjectSources>{folder.File("feed")}</RestoreAdditionalProjectSources>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="TransferKit" Version="0.0.1-test" />
                <PackageReference Include="{package}" Version="{Version}" />
              </ItemGroup>
            </Project>
            """, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("Program.cs"), """
            using System.Globalization;
            using TransferKit;

            using var backbone = Backbone.Load("mobilenet_v2", new() { Weights = Weights.Random(1), Alpha = 0.35, InputSize = (96, 96) });
            foreach (var feature in backbone.Predict(args[0]).ToArray())
                Console.WriteLine(feature.ToString("R", CultureInfo.InvariantCulture));
            """, TestContext.Current.CancellationToken);
        (var restored, output) = await Dotnet(folder, ["restore", .. options.Take(2)]);
        Assert.SkipUnless(restored, $"{package} {Version} is neither in '{Packages}' nor in a package source: {output}");

        (var published, output) = await Dotnet(folder, ["publish", "-o", "out", .. options]);
        Assert.True(published, output);
        Assert.Equal(
            await File.ReadAllBytesAsync(
                Path.Combine(Packages, "microsoft.ml.onnxruntime.gpu.linux", Version, "runtimes", "linux-x64", "native", Engine),
                TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(folder.File("out", natives, Engine), TestContext.Current.CancellationToken));
        var picture = Goldens.Path("images", "chelsea.png");
        (var ran, output) = await Dotnet(folder, Path.Combine("out", "App.dll"), picture);
        Assert.True(ran, output);

        using var backbone = Backbone.Load("mobilenet_v2", new() { Weights = Weights.Random(1), Alpha = 0.35, InputSize = (96, 96) });
        var found = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => float.Parse(l, CultureInfo.InvariantCulture));
        Assert.Equal(backbone.Predict(picture).ToArray(), found, (a, b) => Math.Abs(a - b) < 1e-4);
    }

    private static async Task<(bool Succeeded, string Output)> Dotnet(TemporaryFolder folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder.Path, RedirectStandardOutput = true };
        // Another build server would outlive the test.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode == 0, output);
    }
}
