using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests.Packages;

/// <summary>Packs the same commit in two clones, because a reader who doubts a package packs it again and compares.</summary>
[Trait("Category", "Slow")]
public sealed class RepeatedPackTests : IDisposable
{
    private static readonly string Root = Path.GetFullPath(Goldens.Path("..", ".."));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("transferkit-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Two_clones_at_two_paths_pack_the_same_bytes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Path.Exists(Path.Combine(Root, ".git")), "A clone needs git, and .ci/pack bash.");

        var first = await PackAsync("one");
        var second = await PackAsync("another place");

        Assert.Equal(first.Keys.Order(), second.Keys.Order());
        Assert.Contains(first.Keys, name => name.EndsWith(".snupkg", StringComparison.Ordinal));
        Assert.All(first, file => Assert.True(file.Value.AsSpan().SequenceEqual(second[file.Key]), $"{file.Key} differs."));
    }

    private async Task<Dictionary<string, byte[]>> PackAsync(string name)
    {
        var clone = Path.Combine(_folder.FullName, name);
        await Commands.RunAsync(_folder.FullName, "git", ["clone", "--quiet", Root, clone], environment: null, Token);
        await Commands.RunAsync(clone, Path.Combine(clone, ".ci", "pack"), [], environment: null, Token);
        var files = Directory.GetFiles(Path.Combine(clone, "artifacts", "packages"));
        var packed = files.ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);
        Directory.Delete(clone, recursive: true);
        return packed;
    }
}
