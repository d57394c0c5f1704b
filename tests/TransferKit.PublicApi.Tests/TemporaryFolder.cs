using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

/// <summary>Creates a folder for a test and deletes it afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("transferkit-test-").FullName;

    public string File(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public string Add(string golden, string? name = null)
    {
        var target = File(name ?? golden);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
        System.IO.File.Copy(Goldens.Path("images", golden), target);
        return target;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
