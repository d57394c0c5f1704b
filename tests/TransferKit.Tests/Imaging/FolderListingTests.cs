using System.Diagnostics;
using TransferKit.Imaging;

namespace TransferKit.Tests.Imaging;

public sealed class FolderListingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("transferkit-").FullName;

    [Fact]
    public void A_link_to_a_folder_is_an_entry_with_an_error_and_a_link_to_a_file_is_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        Directory.CreateDirectory(Path.Combine(_folder, "a"));
        File.WriteAllText(Path.Combine(_folder, "a", "1.png"), "");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "back"), _folder);
        File.CreateSymbolicLink(Path.Combine(_folder, "file.png"), Path.Combine(_folder, "a", "1.png"));

        var entries = FolderListing.Of(_folder, recursive: true);

        Assert.Equal(["a/1.png", "back", "file.png"], entries.Select(e => e.Path));
        Assert.Equal([false, true, false], entries.Select(e => e.Error is IOException));
        Assert.Contains("link", entries[1].Error!.Message);
        Assert.Equal(["file.png"], FolderListing.Of(_folder, recursive: false).Select(e => e.Path));
    }

    [Fact]
    public void Names_that_are_not_UTF8_are_told_as_such_for_files_and_folders()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has names of any bytes.");
        using (var make = Process.Start(
            "bash", ["-c", "cd \"$0\" && printf x > $'a\\xff.png' && mkdir $'b\\xfe' && printf x > $'b\\xfe/1.png'", _folder]))
        {
            make.WaitForExit();
        }

        var entries = FolderListing.Of(_folder, recursive: true);

        Assert.Equal(2, entries.Count);
        Assert.All(entries, e => Assert.Contains("is not UTF-8", e.Error!.Message));
    }

    [Fact]
    public void Entries_are_in_the_order_of_their_paths_wherever_the_files_lie()
    {
        string[] files = ["a.png", "a/1.png", "a-1.png", "a/b/2.png", "a/b.png", "ab.png", "B/1.png", "c.png", "c d/1.png", "é.png"];
        foreach (var file in files)
            Write(file, 1);
        // The error of this link stands before c.png, and the files of a folder of its name would stand after it.
        string[] links = OperatingSystem.IsWindows() ? [] : ["c"];
        foreach (var link in links)
            Directory.CreateSymbolicLink(Path.Combine(_folder, link), _folder);

        var entries = FolderListing.Of(_folder, recursive: true, withStamps: true);

        Assert.Equal(files.Concat(links).Order(StringComparer.Ordinal), entries.Select(e => e.Path));
        Assert.Equal(links, entries.Where(e => e.Error is not null).Select(e => e.Path));
    }

    [Fact]
    public void Many_folders_are_listed_in_the_order_of_their_paths()
    {
        string[] files = [.. Enumerable.Range(0, 300).Select(i => $"{i % 150}/{i % 7}/{i}.png")];
        foreach (var file in files)
            Write(file, 1);

        Assert.Equal(files.Order(StringComparer.Ordinal), FolderListing.Of(_folder, recursive: true).Select(e => e.Path));
    }

    [Fact]
    public void Folders_within_folders_take_no_stack()
    {
        const int SmallStack = 256 << 10;
        var path = string.Concat(Enumerable.Repeat("a/", 900)) + "1.png";
        Write(path, 1);
        IReadOnlyList<FolderEntry> entries = [];

        var thread = new Thread(() => entries = FolderListing.Of(_folder, recursive: true), SmallStack);
        thread.Start();
        thread.Join();

        Assert.Equal([path], entries.Select(e => e.Path));
    }

    [Fact]
    public void Stamps_are_the_length_and_the_time_of_the_file_that_is_read()
    {
        var (name, time) = ($"{new string('ü', 120)}.png", new DateTime(1969, 7, 20, 20, 17, 40, DateTimeKind.Utc).AddTicks(1234567));
        File.SetLastWriteTimeUtc(Write(name, 5), time);
        File.SetLastWriteTimeUtc(Write("below/2.png", 7), time.AddYears(200));
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(Path.Combine(_folder, "below", "link"), Path.Combine(_folder, name));
            File.CreateSymbolicLink(Path.Combine(_folder, "broken"), Path.Combine(_folder, "absent"));
        }

        var entries = FolderListing.Of(_folder, recursive: true, withStamps: true).ToDictionary(e => e.Path, e => e.Stamp);

        Assert.Equal(new(5, time), entries[name]);
        Assert.Equal(new(7, time.AddYears(200)), entries["below/2.png"]);
        if (!OperatingSystem.IsWindows())
            Assert.Equal((new FileStamp(5, time), null), (entries["below/link"], entries["broken"]));
        Assert.All(FolderListing.Of(_folder, recursive: true), e => Assert.Null(e.Stamp));
    }

    private string Write(string name, int length)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, new byte[length]);
        return path;
    }

    // .NET cannot delete names that are not UTF-8.
    public void Dispose()
    {
        if (!OperatingSystem.IsLinux())
        {
            Directory.Delete(_folder, recursive: true);
            return;
        }
        using var delete = Process.Start("rm", ["-rf", _folder]);
        delete.WaitForExit();
    }
}
