namespace TransferKit.Hosting.Tests;

/// <summary>Runs the console sample as containers run programs.</summary>
public sealed class DeploymentTests : IDisposable
{
    private static readonly string Rocket = Path.Combine(Sample.Pictures, "rocket.jpg");

    // The first env fails instead of this process where a program is not installed; the last one takes variables.
    private static readonly string[] Confined =
        ["env", "unshare", "--net", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env"];

    private readonly string _root = Directory.CreateTempSubdirectory("transferkit-deployment-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_needs_neither_root_nor_a_writable_home_nor_a_network_nor_cultures()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root can become another user.");
        Assert.SkipUnless(await RunAsync([.. Confined, "dotnet", "--list-runtimes"]) is 0,
            "This machine lets no other user run dotnet in a namespace without a network.");
        // The other user must be able to read the program, wherever the repository is.
        var program = Path.Combine(_root, "program");
        Assert.Equal(0, await RunAsync("cp", "-rL", Sample.OutputOf("Console"), program));
        File.Copy(Rocket, Path.Combine(_root, "rocket.jpg"));
        var home = Directory.CreateDirectory(Path.Combine(_root, "home")).FullName;
        Assert.Equal(0, await RunAsync("chmod", "-R", "a+rX", _root));

        await using var confined = new Sample(
            [
                .. Confined, "-u", "TRANSFERKIT_OFFLINE", "-u", "KERAS_HOME", $"HOME={home}", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1",
                "dotnet", "exec", Path.Combine(program, "TransferKit.Samples.Console.dll"), Path.Combine(_root, "rocket.jpg"),
            ], "numbers", _root);
        await using var free = new Sample("Console", "numbers", Rocket);

        Assert.True(await confined.WaitAsync(Cancel) == 0, confined.Output);
        Assert.Equal(0, await free.WaitAsync(Cancel));
        Assert.Equal(Numbers(free), Numbers(confined));
        Assert.Empty(Directory.EnumerateFileSystemEntries(home));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static string Numbers(Sample sample) => sample.Output[sample.Output.IndexOf(": ", StringComparison.Ordinal)..];

    private async Task<int> RunAsync(params string[] command)
    {
        await using var process = new Sample(command, "\0", _root);
        return await process.WaitAsync(Cancel);
    }
}
