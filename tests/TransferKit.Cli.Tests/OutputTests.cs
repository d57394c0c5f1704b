using System.Diagnostics;
using System.IO.Compression;
using TransferKit.Tests;

namespace TransferKit.Cli.Tests;

/// <summary>Tests where the tool writes its output, and where it refuses to.</summary>
public sealed class OutputTests : IDisposable
{
    private readonly Transferkit _tool = new();

    public OutputTests()
    {
        Directory.CreateDirectory(_tool.File("pictures"));
        File.Copy(Goldens.Path("images", "chelsea.png"), _tool.File("pictures", "a.png"));
    }

    [Theory]
    [InlineData("ends in .npz", "extract", "pictures", "--out", "x.txt")]
    [InlineData("ends in .npz", "extract", "pictures", "--out", "x.pb")]
    [InlineData("ends in .npz", "extract", "pictures", "--out", "x")]
    [InlineData("ends in .onnx", "export", "mobilenet_v2", "--weights", "none", "--out", "x.pb")]
    [InlineData("must end in .zip", "weights", "export", "x.tar", "resnet50")]
    [InlineData("must end in .h5", "train", "pictures", "--out", "x.keras")]
    [InlineData("must end in .onnx", "train", "pictures", "--out", "x.h5", "--onnx", "x.pb")]
    [InlineData("must end in .html", "evaluate", "pictures", "--model", "x.h5", "--report", "x.pdf")]
    [InlineData("standard output", "export", "mobilenet_v2", "--weights", "none", "--out", "-")]
    [InlineData("standard output", "train", "pictures", "--out", "-")]
    [InlineData("standard output", "evaluate", "pictures", "--model", "x.h5", "--report", "-")]
    [InlineData("standard output", "weights", "export", "-", "resnet50")]
    public void A_format_that_is_not_written_is_refused_before_any_work(string cure, params string[] arguments)
    {
        var (exitCode, output, error) = _tool.Run(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(cure, error);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Equal(["pictures"], Directory.GetFileSystemEntries(_tool.Folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_dash_is_standard_output_which_holds_the_file_alone()
    {
        using var process = _tool.Start(offline: true, "extract", "pictures", "--out", "-");
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var bytes = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, process.ExitCode);
        Assert.Contains("1 written", await error);
        Assert.Equal(["names.npy", "features.npy"], new ZipArchive(bytes).Entries.Select(e => e.FullName));
        Assert.False(File.Exists(_tool.File("-")));
    }

    [Fact]
    public async Task A_pipe_is_written_and_stays_a_pipe()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such files.");
        using (var made = Process.Start("mkfifo", [_tool.File("pipe")]))
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        var reading = Task.Run(() => File.ReadAllBytes(_tool.File("pipe")), TestContext.Current.CancellationToken);

        var (exitCode, _, error) = _tool.Run("extract", "pictures", "--out", "pipe");

        Assert.True(exitCode == 0, error);
        Assert.Equal(2, new ZipArchive(new MemoryStream(await reading)).Entries.Count);
        // Another pipe's worth: a file in its place would be read at once.
        Assert.Equal(0, new FileInfo(_tool.File("pipe")).Length);
    }

    [Fact]
    public void A_full_device_is_one_line_and_stays_a_device()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "This system has no /dev/full.");

        var (exitCode, _, error) = _tool.Run("extract", "pictures", "--out", "/dev/full");

        Assert.Equal(1, exitCode);
        Assert.Contains("transferkit: '/dev/full' cannot be written: No space left", error);
        Assert.Equal(0, new FileInfo("/dev/full").Length);
    }

    [Theory]
    [InlineData("--top", "predict", "a.jpg", "--topp", "3")]
    [InlineData("--top", "predict", "a.jpg", "--topp=3")]
    [InlineData("--backbone", "predict", "a.jpg", "--bakbone", "resnet50")]
    [InlineData("--recursive", "extract", "pictures", "--recursiv", "--out", "x.npz")]
    [InlineData("--out", "extract", "pictures", "--outt", "x.npz")]
    [InlineData("--json", "models", "--jsn")]
    [InlineData("--no-top", "weights", "pull", "resnet50", "--notop")]
    [InlineData("--offline", "weights", "list", "--ofline")]
    [InlineData("--verbose", "summary", "vgg16", "--verbos")]
    [InlineData("--fine-tune-from", "train", "pictures", "--out", "x.h5", "--finetune-from", "all")]
    public void A_mistyped_option_is_refused_with_the_one_that_was_meant(string meant, params string[] arguments)
    {
        var (exitCode, output, error) = _tool.Run(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("There is no option", error);
        Assert.Contains($"Did you mean '{meant}'?", error);
    }

    [Fact]
    public void A_file_whose_name_begins_with_a_dash_goes_after_two_of_them()
    {
        var (_, _, error) = _tool.Run("predict", "--backbone", "mobilenet_v2", "--weights", "none", "--", "--topp");

        Assert.Contains("skipped --topp", error);
    }

    [Fact]
    public void Control_characters_in_the_name_of_a_file_do_not_reach_the_terminal()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        File.WriteAllText(_tool.File("pictures", "b\u001b[31m.jpg"), "no picture");
        File.Copy(_tool.File("pictures", "a.png"), _tool.File("c\u001b[2J.png"));

        var extraction = _tool.Run("extract", "pictures", "--out", "f.npz");
        var prediction = _tool.Run(
            "predict", "c\u001b[2J.png", "absent\u001b.png", "--backbone", "mobilenet_v2", "--alpha", "0.35", "--weights", "none");

        Assert.Contains("skipped b\\u001B[31m.jpg", extraction.Error);
        Assert.Contains("c\\u001B[2J.png", prediction.Out);
        Assert.All(
            (string[])[extraction.Error, extraction.Out, prediction.Error, prediction.Out], text => Assert.DoesNotContain('\u001b', text));
    }

    public void Dispose() => _tool.Dispose();
}
