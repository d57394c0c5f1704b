using System.Diagnostics;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests.Packages;

/// <summary>Packs all packages into a folder that serves as a feed, and runs commands of the SDK that restore from it.</summary>
[CollectionDefinition(Collection)]
public sealed class PackageFeed : IAsyncLifetime, ICollectionFixture<PackageFeed>
{
    /// <summary>The collection of tests that share the feed, because packing takes minutes.</summary>
    public const string Collection = "packages";

    private static readonly string Sources = Path.GetFullPath(Goldens.Path("..", "..", "src"));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("transferkit-");

    /// <summary>Gets the names of the packages.</summary>
    public static string[] Names { get; } =
        [.. Directory.GetDirectories(Sources, "TransferKit*").Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    /// <summary>Gets a version that no other feed has.</summary>
    public string Version { get; } = $"0.0.0-test{Environment.ProcessId}";

    public string PackagePath(string name) => Path.Combine(Folder("feed"), $"{name}.{Version}.nupkg");

    /// <summary>Returns a new folder outside the repository.</summary>
    public string Folder(string name) => _folder.CreateSubdirectory(name).FullName;

    public async ValueTask InitializeAsync()
    {
        foreach (var name in Names)
        {
            var project = Path.Combine(Sources, name);
            string[] pack = ["pack", project, "-c", "Release", "-o", Folder("feed"), $"-p:Version={Version}", "-v:q"];
            await DotnetAsync(Sources, pack, default);
        }
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Returns a project of a program that references packages.</summary>
    public string Project(string sdk, params string[] packages) => $"""
        <Project Sdk="{sdk}">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
          </PropertyGroup>
          <ItemGroup>
            {string.Concat(packages.Select(p => $"<PackageReference Include=\"{p}\" Version=\"{Version}\" />"))}
          </ItemGroup>
        </Project>
        """;

    /// <summary>Writes the files of a project and returns the lines that it prints.</summary>
    public async Task<string[]> RunAsync(
        string folder, IEnumerable<(string Name, string Text)> files, string[] arguments, CancellationToken cancellationToken)
    {
        foreach (var (name, text) in files)
            await File.WriteAllTextAsync(Path.Combine(folder, name), text, cancellationToken);
        return await DotnetAsync(folder, arguments, cancellationToken);
    }

    /// <summary>Runs a command of the SDK to its end and returns the lines of its output.</summary>
    public Task<string[]> DotnetAsync(string folder, string[] arguments, CancellationToken cancellationToken) =>
        Commands.RunAsync(folder, "dotnet", arguments, Variables, cancellationToken);

    /// <summary>Starts a program that restores from the feed.</summary>
    public Process Start(string folder, string program, string[] arguments) => Commands.Start(folder, program, arguments, Variables);

    // Packages of others are found in the user's folder and not copied.
    private Dictionary<string, string> Variables => new()
    {
        ["RestoreAdditionalProjectSources"] = Folder("feed"),
        ["NUGET_PACKAGES"] = Folder("packages"),
        ["NUGET_FALLBACK_PACKAGES"] = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"),
        ["CI"] = "true",
    };
}
