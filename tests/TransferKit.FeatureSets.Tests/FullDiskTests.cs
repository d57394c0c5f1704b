using System.Diagnostics;
using System.Globalization;

namespace TransferKit.FeatureSets.Tests;

/// <summary>Writes sets and files to a small disk in memory, which only root can mount.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int PageBytes = 4096;
    private readonly Pictures _pictures = new(60, broken: 2);
    private bool _isMounted;

    [Theory]
    [InlineData("size", PageBytes)] // The disk is full at each page of the set.
    [InlineData("nr_inodes", 1)] // The disk has no room for each of its files and folders.
    public async Task A_disk_that_is_full_at_any_write_is_told_and_the_next_run_goes_on(string limit, int unit)
    {
        await _pictures.ExtractAsync("whole", new() { Shards = 3 });
        Mount("size=16m");
        var full = 0;
        for (var room = 2; ; room++)
        {
            Mount($"remount,size=16m,nr_inodes=1000,{limit}={(room * unit).ToString(CultureInfo.InvariantCulture)}");
            try
            {
                await ExtractAsync();
                break;
            }
            catch (OutputFileException e)
            {
                full++;
                Assert.StartsWith(_pictures.Out("disk", "set"), e.Path);
                Assert.Contains("No space left on device", e.Message);
            }
            // What is there is whole: the next run continues, and readers refuse the incomplete set.
            Mount("remount,size=16m,nr_inodes=1000");
            Assert.Throws<FeatureSetException>(() => FeatureSet.Open(_pictures.Out("disk", "set")));
            await ExtractAsync();
            Assert.Equal(_pictures.Bytes("whole"), _pictures.Bytes("disk/set"));
            Directory.Delete(_pictures.Out("disk", "set"), recursive: true);
        }
        Assert.True(full >= 5, $"The disk was full {full} times only.");
        Assert.Equal(_pictures.Bytes("whole"), _pictures.Bytes("disk/set"));

        Task ExtractAsync() => _pictures.ExtractAsync("disk/set", new() { Shards = 3 });
    }

    [Theory]
    [InlineData("a.npz"), InlineData("a.npy"), InlineData("a.parquet"), InlineData("a.csv"), InlineData("a.jsonl"), InlineData("a.arrow")]
    public async Task A_file_for_which_there_is_no_room_is_told_and_the_old_one_stays(string name)
    {
        Mount("size=16m");
        var path = _pictures.Out("disk", name);
        using var source = ImageSource.Folder(_pictures.Path, recursive: true);
        await Pictures.Extractor().ExtractFileAsync(source, path);
        var before = File.ReadAllBytes(path);

        for (var pages = 6; ; pages++)
        {
            Mount($"remount,size={pages * PageBytes}");
            try
            {
                await Pictures.Extractor().ExtractFileAsync(source, path, new() { Restart = true });
                break;
            }
            catch (OutputFileException e)
            {
                Assert.Contains("No space left on device", e.Message);
                Assert.Equal(before, File.ReadAllBytes(path));
            }
        }
        Assert.Equal([name], Directory.GetFileSystemEntries(_pictures.Out("disk")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_disk_that_is_read_only_is_told_before_any_picture_is_read_and_a_set_on_it_can_be_read()
    {
        Mount("size=16m");
        await _pictures.ExtractAsync("disk/set");
        Mount("remount,ro");

        var set = await Assert.ThrowsAsync<OutputFileException>(() => _pictures.ExtractAsync("disk/new", running: Never));
        using var source = ImageSource.Folder(_pictures.Path, recursive: true);
        var file = await Assert.ThrowsAsync<OutputFileException>(() =>
            Pictures.Extractor(Never).ExtractFileAsync(source, _pictures.Out("disk", "a.csv")));

        Assert.All([set.Message, file.Message], message => Assert.Contains("Read-only file system", message));
        Assert.Equal(62, (await FeatureSet.CheckAsync(_pictures.Out("disk", "set"), source)).Files);
        using var read = FeatureSet.Open(_pictures.Out("disk", "set"));
        Assert.NotNull(await read.FindAsync("0/0003.ppm", TestContext.Current.CancellationToken));

        static void Never() => Assert.Fail("A picture was read.");
    }

    private void Mount(string options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root can mount a small disk.");
        Directory.CreateDirectory(_pictures.Out("disk"));
        var start = new ProcessStartInfo("mount", ["-t", "tmpfs", "-o", options, "tmpfs", _pictures.Out("disk")])
        {
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.SkipUnless(process.ExitCode == 0 || _isMounted, $"Nothing can be mounted here: {error}");
        Assert.True(process.ExitCode == 0, error);
        _isMounted = true;
    }

    public void Dispose()
    {
        if (_isMounted)
        {
            using var process = Process.Start("umount", [_pictures.Out("disk")]);
            process.WaitForExit();
        }
        _pictures.Dispose();
    }
}
