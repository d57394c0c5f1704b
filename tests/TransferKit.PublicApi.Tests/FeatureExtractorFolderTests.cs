using System.Diagnostics;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

/// <summary>Tests folders with links, pipes, hidden folders and folders that cannot be listed.</summary>
public sealed class FeatureExtractorFolderTests : IDisposable
{
    private static readonly FeatureExtractor Recursive = new(new MeanColour(), new() { Recursive = true });
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Links_to_files_count_and_links_to_folders_are_reported_and_not_followed()
    {
        _folder.Add("rocket.jpg", Path.Combine("below", "a.jpg"));
        File.CreateSymbolicLink(_folder.File("linked.jpg"), _folder.File("below", "a.jpg"));
        Directory.CreateSymbolicLink(_folder.File("below", "self"), _folder.Path);

        var rows = Recursive.Extract(_folder.Path);

        Assert.Equal(["below/a.jpg", "below/self", "linked.jpg"], rows.Keys);
        Assert.Contains("link to a folder", rows["below/self"].Error!.Message);
        Assert.Equal(rows["below/a.jpg"].Features.ToArray(), rows["linked.jpg"].Features.ToArray());
    }

    [Fact]
    public void A_name_that_is_not_utf8_is_reported_as_such()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems have no such names.");
        _folder.Add("rocket.jpg", "a.jpg");
        Shell("cp a.jpg \"$(printf 'caf\\351.jpg')\"");

        var rows = Recursive.Extract(_folder.Path);

        var (name, row) = Assert.Single(rows, r => r.Value.IsSkipped);
        Assert.Equal("caf\uFFFD.jpg", name);
        Assert.Contains("is not UTF-8", row.Error!.Message);
    }

    [Fact]
    public void A_folder_below_that_cannot_be_listed_is_reported_with_its_path()
    {
        _folder.Add("rocket.jpg", "a.jpg");
        AddUnlistable("below");

        var rows = Recursive.Extract(_folder.Path);

        Assert.Equal(2, rows.Count);
        Assert.False(rows["a.jpg"].IsSkipped);
        Assert.StartsWith("below", rows.Keys.Last());
        Assert.IsAssignableFrom<IOException>(rows.Values.Last().Error);
    }

    [Fact]
    public void A_folder_below_that_cannot_be_listed_stops_where_that_was_asked_for()
    {
        _folder.Add("rocket.jpg", "a.jpg");
        AddUnlistable("below");

        Assert.ThrowsAny<IOException>(() =>
            new FeatureExtractor(new MeanColour(), new() { Recursive = true, OnError = OnError.Stop }).Extract(_folder.Path));
    }

    [Fact]
    public void A_hidden_folder_is_not_even_looked_into()
    {
        _folder.Add("rocket.jpg", "a.jpg");
        AddUnlistable(".cache");

        Assert.Equal(["a.jpg"], Recursive.Extract(_folder.Path).Keys);
    }

    [Fact]
    public async Task Pipes_are_reported_and_not_waited_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows' pipes are no files.");
        _folder.Add("rocket.jpg", "a.jpg");
        Shell("mkfifo pipe.jpg; ln -s pipe.jpg linked.jpg");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var extracting = Task.Run(() => Recursive.Extract(_folder.Path), cancel.Token);
        // A writer releases a reader that waits for the pipe, so that the test fails instead of hanging.
        _ = Task.Delay(TimeSpan.FromSeconds(30), cancel.Token).ContinueWith(
            _ => File.WriteAllText(_folder.File("pipe.jpg"), "waited"), cancel.Token, TaskContinuationOptions.OnlyOnRanToCompletion,
            TaskScheduler.Default);
        var rows = await extracting;
        await cancel.CancelAsync();

        Assert.Equal(["a.jpg", "linked.jpg", "pipe.jpg"], rows.Keys);
        Assert.All(["linked.jpg", "pipe.jpg"], name =>
            Assert.Equal(ImageDecodeError.Empty, Assert.IsType<ImageDecodeException>(rows[name].Error).Reason));
    }

    [Fact]
    public async Task A_pipe_that_is_named_is_read_to_its_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows' pipes are no files.");
        Shell("mkfifo pipe.jpg");
        var picture = Goldens.Path("images", "rocket.jpg");

        var writing = Task.Run(
            () => File.WriteAllBytes(_folder.File("pipe.jpg"), File.ReadAllBytes(picture)), TestContext.Current.CancellationToken);
        var piped = await Task.Run(() => RgbImage.Load(_folder.File("pipe.jpg")), TestContext.Current.CancellationToken);
        await writing;

        Assert.True(RgbImage.Load(picture).Pixels.Span.SequenceEqual(piped.Pixels.Span));
    }

    // Permissions do not bind root, but no user can open a folder whose path is too long for the system.
    private void AddUnlistable(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Made with a Unix shell.");
        Shell(
            """mkdir "$1"; cd "$1"; long=$(printf 'x%.0s' {1..240}); for i in {1..20}; do mkdir $long && cd -P $long || exit 1; done""",
            name);
    }

    private void Shell(string script, params string[] arguments)
    {
        using var shell = Process.Start(
            new ProcessStartInfo("bash", ["-c", script, "bash", .. arguments]) { WorkingDirectory = _folder.Path })!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    public void Dispose()
    {
        // .NET cannot delete paths that it cannot open.
        if (!OperatingSystem.IsWindows())
            Shell("rm -rf -- ./* .[!.]*");
        _folder.Dispose();
    }
}
