using System.Diagnostics;
using TransferKit.Tests;

namespace TransferKit.Cli.Tests;

/// <summary>The exit code says whether running the same command again may help.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private static readonly Exception Damaged = new ImageDecodeException(ImageDecodeError.Corrupt, "a.jpg", "it is damaged.");
    private static readonly Exception Slow = new ImageDecodeException(ImageDecodeError.TimedOut, "a.jpg", "it takes long.");

    private readonly Transferkit _tool = new();

    public void Dispose() => _tool.Dispose();

    public static TheoryData<int, Exception> Errors => new()
    {
        { 2, new ArgumentException("") },
        { 2, new FormatException("") },
        { 1, new IOException("") },
        { 1, new InvalidOperationException("") },
        { 1, new TimeoutException("") },
        { 1, Slow },
        { 1, new ImageDecodeException(ImageDecodeError.Corrupt, "a.jpg", "", new IOException("")) },
        { 1, new ImageDecodeException(ImageDecodeError.Changed, "a.jpg", "") },
        { 1, new EngineException("", new IOException("")) },
        { 3, Damaged },
        { 3, new EngineException("") },
        { 3, new EngineException("", new InvalidOperationException("")) },
        { 3, new EngineException("", new FileNotFoundException("")) },
        { 3, new FileNotFoundException("") },
        { 3, new DirectoryNotFoundException("") },
        { 3, new PathTooLongException("") },
        { 3, new EndOfStreamException("") },
        { 3, new UnauthorizedAccessException("") },
        { 3, new InvalidDataException("") },
        { 3, new NotSupportedException("") },
    };

    [Theory, MemberData(nameof(Errors))]
    public void An_error_has_one_exit_code(int exitCode, Exception error) => Assert.Equal(exitCode, ExitCode.Of(error));

    [Fact]
    public void Skipped_files_end_with_3_only_if_no_retry_helps_with_any()
    {
        Assert.Equal(0, ExitCode.OfSkipped([]));
        Assert.Equal(3, ExitCode.OfSkipped([Damaged, Damaged]));
        Assert.Equal(1, ExitCode.OfSkipped([Damaged, Slow]));
    }

    [Fact]
    public void Failures_of_a_feature_set_end_with_3_only_if_no_retry_helps_with_those_of_earlier_runs_either()
    {
        var damaged = FeatureRow.Skipped("a.jpg", Damaged);
        var slow = FeatureRow.Skipped("b.jpg", Slow);

        Assert.Equal(0, ExitCode.OfSkipped(new FeatureSetReport { Rows = 1 }));
        Assert.Equal(3, ExitCode.OfSkipped(new FeatureSetReport { Failures = 2, Skipped = [damaged] }));
        Assert.Equal(1, ExitCode.OfSkipped(new FeatureSetReport { Failures = 2, Retryable = 1, Skipped = [damaged, slow] }));
        Assert.Equal(1, ExitCode.OfSkipped(new FeatureSetReport { Failures = 2, Retryable = 1, Skipped = [damaged] }));
    }

    [Fact]
    public void Control_characters_of_names_never_reach_the_terminal()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows' names have no control characters.");
        Directory.CreateDirectory(_tool.File("photos\u001b[31m"));
        File.WriteAllText(_tool.File("photos\u001b[31m", "a\u001b[2J.jpg"), "no picture");
        File.Copy(Goldens.Path("images", "rocket.jpg"), _tool.File("photos\u001b[31m", "b\u009b.jpg"));

        (int ExitCode, string Out, string Error)[] runs =
        [
            _tool.Run("extract", "photos\u001b[31m", "--out", "f\u001b[31m.npz"),
            _tool.Run("extract", "absent\u001b[31m", "--out", "f.npz"),
            _tool.Run("extract", "absent\u001b[31m", "--out", "f.npz", "--verbose"),
            _tool.Run("extract", "photos\u001b[31m", "--weights", "absent\u001b[31m.h5", "--out", "f.npz", "--verbose"),
            _tool.Run("weights", "list", "--cache", "cache\u001b[31m"),
            _tool.Run("weights", "path", "vgg16", "--cache", "cache\u001b[31m"),
        ];

        Assert.Equal([3, 3, 3, 3, 0, 0], runs.Select(r => r.ExitCode));
        Assert.All(runs, run => Assert.DoesNotMatch("[\\p{Cc}-[\\r\\n]]", run.Out + run.Error));
        Assert.All(runs, run => Assert.Contains("\\u001B[31m", run.Out + run.Error));
        Assert.Contains("   at TransferKit.", runs[2].Error);
    }

    [Fact]
    public async Task A_pipe_named_as_a_model_does_not_block()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows' pipes are no files.");
        using (var made = Process.Start("mkfifo", [_tool.File("cats.h5.json")]))
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        File.WriteAllBytes(_tool.File("cats.h5"), []);

        var run = await Task.Run(() => _tool.Run("predict", "a.jpg", "--model", "cats.h5"), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);

        Assert.Contains("'cats.h5.json' is a pipe", run.Error);
        Assert.Equal(3, run.ExitCode);
    }
}
