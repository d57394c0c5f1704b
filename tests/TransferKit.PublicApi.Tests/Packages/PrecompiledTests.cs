using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests.Packages;

/// <summary>Builds programs in each way that users do, and asks whether they run the machine code of the package.</summary>
[Trait("Category", "Slow")]
[Collection(PackageFeed.Collection)]
public class PrecompiledTests(PackageFeed feed)
{
    private const string Package = "TransferKit";
    private const string Program = "p";

    private static readonly string Picture = Path.GetFullPath(Goldens.Path("..", "..", "docs", "samples", "pictures", "rocket.jpg"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Systems => ["linux-x64", "linux-arm64", "win-x64", "osx-arm64"];

    [Theory, MemberData(nameof(Systems))]
    public void The_package_has_machine_code_of_the_same_assembly_for_a_system(string system)
    {
        using var package = ZipFile.OpenRead(feed.PackagePath(Package));
        var il = Read(package, "lib/net10.0");
        var image = Read(package, $"runtimes/{system}/lib/net10.0");

        Assert.Equal((false, true), (il.HasMachineCode, image.HasMachineCode));
        Assert.Equal(il.Id, image.Id);
    }

    [Theory]
    [InlineData("portable", true)]
    [InlineData("of-a-system", true, "-r", "--self-contained=false")]
    [InlineData("self-contained", true, "-r", "--self-contained")]
    [InlineData("ready-to-run", true, "-r", "--self-contained", "-p:PublishReadyToRun=true")]
    // The linker keeps IL alone, and the other two have no file of the assembly.
    [InlineData("trimmed", false, "-r", "--self-contained", "-p:PublishTrimmed=true")]
    [InlineData("one-file", null, "-r", "--self-contained", "-p:PublishSingleFile=true")]
    [InlineData("ahead-of-time", null, "-r", "-p:PublishAot=true")]
    public async Task A_published_program_computes_features_with_machine_code(string kind, bool? hasMachineCode, params string[] options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "Linux on x64 alone.");
        var folder = feed.Folder($"precompiled-{kind}");
        (string, string)[] files =
        [
            ($"{Program}.csproj", feed.Project("Microsoft.NET.Sdk", Package, $"{Package}.Weights.MobileNetV2")), ("Program.cs", Code),
        ];
        string[] arguments = ["publish", "-v", "q", "-o", "out", .. options.SelectMany(o => o == "-r" ? ["-r", "linux-x64"] : new[] { o })];

        await feed.RunAsync(folder, files, arguments, Token);
        var lines = await Commands.RunAsync(folder, Path.Combine(folder, "out", Program), [Picture], environment: null, Token);

        Assert.Equal([hasMachineCode?.ToString() ?? "no file", "1280"], lines);
    }

    private static (bool HasMachineCode, Guid Id) Read(ZipArchive package, string folder)
    {
        using var bytes = new MemoryStream();
        using (var entry = package.GetEntry($"{folder}/{Package}.dll")!.Open())
            entry.CopyTo(bytes);
        bytes.Position = 0;
        using var reader = new PEReader(bytes);
        var metadata = reader.GetMetadataReader();
        return (
            reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0, metadata.GetGuid(metadata.GetModuleDefinition().Mvid));
    }

    private const string Code = """
        using System.Reflection.PortableExecutable;
        using TransferKit;
        #pragma warning disable IL3000 // An empty path is expected in a program of one file.
        var path = typeof(Backbone).Assembly.Location;
        if (path.Length == 0)
        {
            Console.WriteLine("no file");
        }
        else
        {
            using var reader = new PEReader(File.OpenRead(path));
            Console.WriteLine(reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0);
        }
        using var backbone = Backbone.Load("mobilenet_v2", includeTop: false, pooling: Pooling.Avg, alpha: 0.35,
            weights: MobileNetV2Weights.Alpha035NoTop);
        Console.WriteLine(backbone.Predict(args[0]).ToArray().Length);
        """;
}
