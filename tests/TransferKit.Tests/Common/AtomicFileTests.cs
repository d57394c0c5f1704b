using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TransferKit.Common;
using TransferKit.WeightSources.Store;

namespace TransferKit.Tests.Common;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("transferkit-test-").FullName;

    [Fact]
    public void A_new_file_is_created_and_an_old_one_replaced()
    {
        Write(InFolder("a.bin"), "old and longer");
        Write(InFolder("a.bin"), "new");

        Assert.Equal("new", File.ReadAllText(InFolder("a.bin")));
        Assert.Equal(["a.bin"], Names());
    }

    [Fact]
    public void A_writer_that_fails_leaves_the_old_file_and_nothing_else()
    {
        Write(InFolder("a.bin"), "old");

        Assert.Throws<OutputFileException>(() => AtomicFile.Write(InFolder("a.bin"), stream =>
        {
            stream.Write("half"u8);
            throw new IOException("No space left on device");
        }));

        Assert.Equal("old", File.ReadAllText(InFolder("a.bin")));
        Assert.Equal(["a.bin"], Names());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_target_of_a_link_is_replaced_or_created_and_the_link_stays(bool exists)
    {
        Directory.CreateDirectory(InFolder("elsewhere"));
        if (exists)
            Write(InFolder("elsewhere", "a.bin"), "old");
        File.CreateSymbolicLink(InFolder("second"), Path.Combine("elsewhere", "a.bin"));
        File.CreateSymbolicLink(InFolder("first"), "second");

        Write(InFolder("first"), "new");

        Assert.Equal("second", new FileInfo(InFolder("first")).LinkTarget);
        Assert.Equal("new", File.ReadAllText(InFolder("elsewhere", "a.bin")));
        Assert.Equal(["a.bin"], Names("elsewhere"));
        Assert.Equal(["first", "second"], Names().Where(n => n != "elsewhere"));
    }

    [Fact]
    public void Links_in_a_circle_are_refused()
    {
        File.CreateSymbolicLink(InFolder("a"), "b");
        File.CreateSymbolicLink(InFolder("b"), "a");

        Assert.Contains("circle", Assert.Throws<OutputFileException>(() => Write(InFolder("a"), "new")).Message);
    }

    [Fact]
    public void A_folder_and_an_absent_folder_are_refused()
    {
        Assert.Contains("folder of that name", Assert.Throws<OutputFileException>(() => Write(_folder, "new")).Message);
        Assert.Contains("there is no folder", Assert.Throws<OutputFileException>(() => Write(InFolder("absent", "a.bin"), "new")).Message);
    }

    [Fact]
    public async Task A_pipe_gets_the_bytes_and_stays_a_pipe()
    {
        SkipOnWindows();
        var pipe = InFolder("pipe");
        using (var made = Process.Start("mkfifo", [pipe]))
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(FileKind.Pipe, FileKinds.Of(pipe));
        var reading = Task.Run(() => File.ReadAllText(pipe), TestContext.Current.CancellationToken);

        Write(pipe, "through the pipe");

        Assert.Equal("through the pipe", await reading);
        Assert.Equal(FileKind.Pipe, FileKinds.Of(pipe));
        Assert.Equal(["pipe"], Names());
    }

    [Fact]
    public void A_device_gets_the_bytes_and_stays_a_device()
    {
        SkipOnWindows();
        Write("/dev/null", "nowhere");
        Assert.Equal(FileKind.CharacterDevice, FileKinds.Of("/dev/null"));

        Assert.SkipUnless(File.Exists("/dev/full"), "This system has no /dev/full.");
        var error = Assert.Throws<OutputFileException>(() => Write("/dev/full", "too much"));
        Assert.Equal("/dev/full", error.Path);
        Assert.Equal(FileKind.CharacterDevice, FileKinds.Of("/dev/full"));
    }

    [Fact]
    public void A_link_to_a_device_is_written_and_stays_a_link()
    {
        SkipOnWindows();
        File.CreateSymbolicLink(InFolder("nowhere"), "/dev/null");

        Write(InFolder("nowhere"), "new");

        Assert.Equal("/dev/null", new FileInfo(InFolder("nowhere")).LinkTarget);
    }

    [Fact]
    public void An_open_file_of_the_process_gets_the_bytes_after_those_it_has()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux names open files by a path below /proc.");
        File.WriteAllText(InFolder("log"), "before ");
        using var open = new FileStream(InFolder("log"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);

        Write($"/proc/self/fd/{open.SafeFileHandle.DangerousGetHandle()}", "and after");

        Assert.Equal("before and after", File.ReadAllText(InFolder("log")));
    }

    [Fact]
    public void A_disk_is_refused()
    {
        var disk = OperatingSystem.IsLinux()
            ? Directory.EnumerateFiles("/dev").FirstOrDefault(f => FileKinds.Of(f) == FileKind.BlockDevice)
            : null;
        Assert.SkipWhen(disk is null, "There is no disk to see here.");

        Assert.Contains("disk", Assert.Throws<OutputFileException>(() => OutputTarget.Of(disk)).Message);
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public void The_permissions_of_an_existing_file_are_kept_from_the_first_byte_on()
    {
        SkipOnWindows();
        Write(InFolder("a.bin"), "old");
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite;
        File.SetUnixFileMode(InFolder("a.bin"), Private);

        AtomicFile.Write(InFolder("a.bin"), stream =>
        {
            stream.Write("new"u8);
            var others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupRead;
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(((FileStream)stream).Name) & others);
        });

        Assert.Equal(Private, File.GetUnixFileMode(InFolder("a.bin")));
    }

    [Fact]
    public void What_a_killed_process_left_is_deleted_by_name_and_age_and_a_live_file_never()
    {
        var (old, young, live, other) = (Temporary("a.bin"), Temporary("a.bin"), Temporary("a.bin"), Temporary("b.bin"));
        foreach (var file in (string[])[old, young, live, other, InFolder(".a.bin.mine.tmp")])
        {
            File.WriteAllText(file, "half");
            if (file != young)
                File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-2));
        }
        using (new FileStream(live, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            Write(InFolder("a.bin"), "new");

        Assert.False(File.Exists(old));
        Assert.All((string[])[young, live, other, InFolder(".a.bin.mine.tmp")], file => Assert.True(File.Exists(file), file));
    }

    [Theory]
    [InlineData("tmp")]
    [InlineData("rows")]
    public void A_check_before_the_work_deletes_what_a_killed_one_left(string extension)
    {
        var old = InFolder($".a.bin.{Guid.NewGuid():N}.{extension}");
        File.WriteAllText(old, "");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));

        OutputTarget.OfWritable(InFolder("a.bin")).Beside(extension);

        Assert.Empty(Names());
    }

    [Fact]
    public void A_note_beside_a_cached_file_deletes_what_a_killed_write_left()
    {
        var (old, young) = (InFolder($".a.json.{Guid.NewGuid():N}.tmp"), InFolder($".a.json.{Guid.NewGuid():N}.tmp"));
        foreach (var file in (string[])[old, young])
            File.WriteAllText(file, "{");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));

        JsonFile.Write(InFolder("a.json"), "note", (JsonTypeInfo<string>)JsonSerializerOptions.Default.GetTypeInfo(typeof(string)));

        Assert.Equal([Path.GetFileName(young), "a.json"], Names());
    }

    [Theory]
    [InlineData("a.parquet", "'.parquet'")]
    [InlineData("a", "no extension")]
    [InlineData("a.npz.bak", "'.bak'")]
    public void An_extension_of_another_format_is_refused_with_the_list(string name, string problem)
    {
        var error = Assert.Throws<OutputFormatException>(() => OutputTarget.Of(InFolder(name), ".npz", ".zip"));

        Assert.Contains(problem, error.Message);
        Assert.Contains("ends in .npz or .zip", error.Message);
        Assert.Equal([".npz", ".zip"], error.Extensions);
    }

    [Fact]
    public void The_case_of_an_extension_does_not_matter() => Assert.False(OutputTarget.Of(InFolder("A.NPZ"), ".npz").IsStream);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Write(string path, string text) =>
        AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    private static void SkipOnWindows() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such files.");

    private string InFolder(params string[] parts) => Path.Combine([_folder, .. parts]);

    private string Temporary(string name) => InFolder($".{name}.{Guid.NewGuid():N}.tmp");

    private IEnumerable<string> Names(string folder = "") =>
        Directory.GetFileSystemEntries(InFolder(folder)).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);
}
