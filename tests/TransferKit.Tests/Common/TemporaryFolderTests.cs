using TransferKit.Common;

namespace TransferKit.Tests.Common;

/// <summary>What a killed process leaves in the system's temporary folder is deleted by a later one, and nothing else is.</summary>
public sealed class TemporaryFolderTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string _temporary = Directory.CreateTempSubdirectory("transferkit-").FullName;

    [Fact]
    public async Task What_a_killed_process_left_is_swept_once_it_is_old_and_a_running_process_keeps_its_own()
    {
        using var killed = ChildProcess.Start(Hold, [Path.Combine(_temporary, "killed")], temporary: _temporary);
        using var running = ChildProcess.Start(Hold, [Path.Combine(_temporary, "running")], temporary: _temporary);
        var left = await Held("killed");
        var live = await Held("running");
        killed.Kill();
        await killed.WaitForExitAsync(TestContext.Current.CancellationToken);
        var young = Path.Combine(_temporary, $"{TemporaryFolder.Prefix}{Guid.NewGuid():N}.tmp");
        var old = Path.Combine(_temporary, $"{TemporaryFolder.Prefix}{Guid.NewGuid():N}.tmp");
        var foreign = Path.Combine(_temporary, $"{TemporaryFolder.Prefix}notes.tmp");
        foreach (var file in (string[])[young, old, foreign])
            await File.WriteAllTextAsync(file, "x", TestContext.Current.CancellationToken);
        foreach (var path in (string[])[left, live])
            Directory.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-2));
        foreach (var path in (string[])[old, foreign])
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-2));

        using var later = ChildProcess.Start(Use, [], temporary: _temporary);
        Assert.True(later.WaitForExit(Patience));
        Assert.Equal(0, later.ExitCode);

        Assert.False(Directory.Exists(left));
        Assert.True(Directory.Exists(live));
        Assert.Equal([true, false, true], new[] { young, old, foreign }.Select(File.Exists));
        running.Kill();
        await running.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_folder_is_its_owners_alone_and_disposal_deletes_it()
    {
        string path;
        using (var folder = new TemporaryFolder())
        {
            path = folder.Path;
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        }
        Assert.False(Directory.Exists(path));
    }

    public void Dispose() => Directory.Delete(_temporary, recursive: true);

    internal static async Task Hold(string[] args)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(args[0] + ".new", folder.Path);
        File.Move(args[0] + ".new", args[0]);
        await Task.Delay(Patience);
    }

    internal static Task Use(string[] args)
    {
        new TemporaryFolder().Dispose();
        return Task.CompletedTask;
    }

    private async Task<string> Held(string name)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (!File.Exists(Path.Combine(_temporary, name)) && DateTime.UtcNow < deadline)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        return await File.ReadAllTextAsync(Path.Combine(_temporary, name), TestContext.Current.CancellationToken);
    }
}
