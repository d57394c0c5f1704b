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
