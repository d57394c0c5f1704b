using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using TransferKit.Tests;

namespace TransferKit.Training.Tests.Cli;

/// <summary>Tests the tool in a separate process without network, on a folder of small images.</summary>
public sealed class TrainCommandTests : IDisposable
{
    private static readonly string[] Backbone = ["--backbone", "mobilenet_v2", "--alpha", "0.35", "--input-size", "32x32"];
    private readonly SamplePhotos _photos = new();

    public void Dispose() => _photos.Dispose();

    [Fact]
    public void A_head_is_trained_evaluated_and_used()
    {
        var (exitCode, output, error) = Run(
        [
            "train", "photos", .. Backbone, "--head", "dense:16,dropout:0.2", "--epochs", "12", "--learning-rate", "0.01",
            "--out", "cats.h5", "--onnx", "cats.onnx",
        ]);
        Assert.True(exitCode == 0, error);
        Assert.Contains("30 images of 3 classes to train on, 6 to validate on.", error);
        Assert.Matches("head 12/12 8?[0-9]*/[0-9]+ \\[=+\\].*loss: .*accuracy: .*val_loss: ", error);
        Assert.Matches("accuracy  [01]\\.[0-9]{4}", output);
        Assert.Equal(
            ["cats.h5", "cats.h5.json", "cats.onnx", "cats.report.html", "cats.report.json"],
            Directory.GetFiles(_photos.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        using var json = JsonDocument.Parse(Run(["evaluate", "photos", "--model", "cats.h5", "--json"]).Out);
        Assert.InRange(json.RootElement.GetProperty("accuracy").GetDouble(), 0.7, 1);
        Assert.Equal(3, json.RootElement.GetProperty("confusion_matrix").GetArrayLength());
        Assert.Equal(36, json.RootElement.GetProperty("images").GetInt32());

        var said = Run(["predict", "photos/class 1/00.png", "--model", "cats.h5", "--top", "2"]);
        Assert.Equal(0, said.ExitCode);
        Assert.Equal("photos/class 1/00.png", said.Out.Split('\n')[0]);
        Assert.Matches("^ +[01]\\.[0-9]{4}  class [012]$", said.Out.Split('\n')[1]);
    }

    [Theory]
    [InlineData(2, "--out", "train", "photos")]
    [InlineData(2, "conv:3", "train", "photos", "--head", "conv:3", "--out", "m.h5")]
    [InlineData(2, "spin:1", "train", "photos", "--augment", "spin:1", "--out", "m.h5")]
    [InlineData(2, "NaN", "train", "photos", "--learning-rate", "NaN", "--out", "m.h5")]
    [InlineData(2, "cyclic", "train", "photos", "--schedule", "cyclic", "--out", "m.h5")]
    [InlineData(3, "absent", "train", "absent", "--out", "m.h5")]
    [InlineData(3, "there is only one class", "train", "photos/one", "--validation", "0", "--out", "m.h5")]
    [InlineData(3, "absent.h5", "evaluate", "photos", "--model", "absent.h5")]
    [InlineData(3, "absent.h5", "predict", "photos/class 0/00.png", "--model", "absent.h5")]
    [InlineData(2, "--backbone", "predict", "photos/class 0/00.png")]
    [InlineData(
        2,
        "--interpolation and --model exclude each other",
        "predict",
        "photos/class 0/00.png",
        "--model",
        "trained.h5",
        "--interpolation",
        "bicubic")]
    [InlineData(
        2, "--backbone and --model exclude each other", "predict", "photos/class 0/00.png", "--model", "absent.h5", "--backbone", "vgg16")]
    [InlineData(
        2,
        "--fine-tune-from and --weights none exclude",
        "train",
        "photos",
        "--weights",
        "none",
        "--fine-tune-from",
        "all",
        "--out",
        "m.h5")]
    [InlineData(3, "the label 'bears' is not a class of the model", "train", "photos", "--test", "test", "--out", "m.h5")]
    [InlineData(3, "absent' does not exist", "train", "photos", "--test", "absent", "--out", "m.h5")]
    public void What_is_wrong_is_one_line_and_an_exit_code(int exitCode, string says, params string[] arguments)
    {
        if (arguments.Contains("test"))
            SamplePhotos.Write(_photos.File("test/bears/0.png"), 0, 0);
        if (arguments.Contains("photos/one"))
            SamplePhotos.Write(_photos.File("photos/one/cats/0.png"), 0, 0);
        // The description beside a file tells a trained model from a whole Keras model, whose pictures may be read in other ways.
        if (arguments.Contains("trained.h5"))
            File.WriteAllText(_photos.File("trained.h5.json"), """{"backbone": "mobilenet_v2"}""");
        var (code, _, error) = Run(arguments);
        var line = error.TrimEnd().Split('\n')[^1];
        Assert.StartsWith("transferkit: ", line);
        Assert.Contains(says, line);
        Assert.Equal(exitCode, code);
        Assert.Empty(Directory.GetFiles(_photos.Folder, "m.h5*"));
        // The tool refuses this before it loads libtorch or takes a step.
        if (arguments.Contains("--test"))
            Assert.DoesNotContain("to train on", error);
    }

    [Fact]
    public void Without_libtorch_and_network_train_says_how_to_get_it()
    {
        var (code, _, error) = Run(["train", "photos", .. Backbone, "--out", "m.h5"], libtorch: "");
        Assert.Equal(1, code);
        Assert.Contains("TRANSFERKIT_LIBTORCH", Assert.Single(error.TrimEnd().Split('\n')));
    }

    [Fact]
    public void A_libtorch_elsewhere_on_the_loaders_path_is_not_taken()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has LD_LIBRARY_PATH.");
        var before = Directory.GetFileSystemEntries(OwnFolder);
        var (code, output, error) = Run(
            ["train", "photos", .. Backbone, "--epochs", "1", "--out", "m.h5"], foreign: ForeignLibraries(), tool: OwnFolder);
        Assert.True(code == 0, error);
        Assert.DoesNotContain("TorchSharp", output + error);
        Assert.True(File.Exists(_photos.File("m.h5")));
        Assert.Equal(before, Directory.GetFileSystemEntries(OwnFolder));
    }

    [Theory]
    [InlineData("other", "entry point")]
    [InlineData("photos", "which has no libtorch_cpu.so")]
    public void A_folder_without_libtorch_is_one_line_and_nothing_is_copied(string folder, string says)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The libraries have Linux' names.");
        ForeignLibraries();
        var before = Directory.GetFileSystemEntries(OwnFolder);
        var (code, output, error) = Run(
            ["train", "photos", .. Backbone, "--epochs", "1", "--out", "m.h5"], libtorch: _photos.File(folder), tool: OwnFolder);
        Assert.Equal(3, code);
        var line = Assert.Single(error.TrimEnd().Split('\n'), l => l.StartsWith("transferkit: ", StringComparison.Ordinal));
        Assert.Contains("libtorch does not load", line);
        Assert.Contains(says, line);
        Assert.Empty(output);
        Assert.Equal(before, Directory.GetFileSystemEntries(OwnFolder));
    }

    [Fact]
    public void A_run_that_was_killed_and_met_a_full_disk_ends_like_one_that_was_not()
    {
        string[] Train(string model) =>
        [
            "train", "photos", .. Backbone, "--fine-tune-from", "block_13_expand", "--head-epochs", "2", "--epochs", "8", "--batch-size",
            "4",
            "--augment", "flip,rotation:0.05", "--schedule", "cosine", "--seed", "3", "--out", model,
        ];
        var whole = Run(Train("whole.h5"));
        Assert.True(whole.ExitCode == 0, whole.Error);

        var checkpoint = _photos.File("killed.h5.checkpoint");
        using (var run = Start(Train("killed.h5"), Folder))
        {
            while (!File.Exists(checkpoint) && !run.HasExited)
                Thread.Sleep(2);
            run.Kill();
            run.WaitForExit();
        }
        var before = File.ReadAllBytes(checkpoint);

        if (!OperatingSystem.IsWindows())
        {
            var full = Run(Train("killed.h5"), largestFile: 1000);
            Assert.True(full.ExitCode == 1, full.Error);
            Assert.Matches("^transferkit: .*killed.h5.checkpoint' cannot be written", full.Error.TrimEnd().Split('\n')[^1]);
            Assert.Equal(before, File.ReadAllBytes(checkpoint));
        }

        var resumed = Run(Train("killed.h5"));
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Equal(File.ReadAllBytes(_photos.File("whole.h5")), File.ReadAllBytes(_photos.File("killed.h5")));
        Assert.Equal(whole.Out, resumed.Out);
        Assert.False(File.Exists(checkpoint));
    }

    [Fact]
    public async Task A_training_looks_nothing_up_and_writes_its_outputs_only()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && CanTrace(), "strace is absent, or this system forbids it.");
        var (trace, home) = (_photos.File("trace"), Directory.CreateDirectory(_photos.File("home")).FullName);
        using var process = Start(
            ["train", "photos", .. Backbone, "--epochs", "1", "--batch-size", "12", "--out", "cats.h5"], Folder, configure: start =>
            {
                start.Environment["HOME"] = home;
                // Libraries that report events fall silent on build servers.
                foreach (var name in new[] { "CI", "TF_BUILD", "GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "ORT_DISABLE_TELEMETRY" })
                    start.Environment.Remove(name);
                string[] traced =
                    ["-f", "-qq", "-e", "trace=%network", "-e", "signal=none", "-o", trace, start.FileName, .. start.ArgumentList];
                start.FileName = "strace";
                start.ArgumentList.Clear();
                foreach (var argument in traced)
                    start.ArgumentList.Add(argument);
            });
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, await error);
        Assert.DoesNotContain(
            await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken),
            line => line.Contains("AF_INET") || line.Contains("connect("));
        Assert.Empty(Directory.GetFiles(home, "*", SearchOption.AllDirectories));
    }

    private static bool CanTrace()
    {
        try
        {
            using var process = Process.Start("strace", ["-o", "/dev/null", "true"]);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    // The output of the tests contains libtorch; the tool does not.
    private static string Folder => AppContext.BaseDirectory;

    /// <summary>The output of the tool's own project, of the same configuration.</summary>
    private static string OwnFolder
    {
        get
        {
            var output = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
            return Goldens.Path("..", "..", "src", "TransferKit.Cli", "bin", output.Parent!.Name, output.Name);
        }
    }

    /// <summary>Creates a folder of libraries with libtorch's names that load and have nothing of it.</summary>
    private string ForeignLibraries()
    {
        var folder = Directory.CreateDirectory(_photos.File("other")).FullName;
        foreach (var name in new[] { "libc10.so", "libtorch_cpu.so", "libtorch.so", "libLibTorchSharp.so" })
            File.Copy(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.Native.so"), Path.Combine(folder, name));
        return folder;
    }

    private (int ExitCode, string Out, string Error) Run(
        string[] arguments, string? libtorch = null, int? largestFile = null, string? foreign = null, string? tool = null)
    {
        using var process = Start(arguments, libtorch ?? Folder, largestFile, foreign, tool);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    private Process Start(
        string[] arguments, string libtorch, int? largestFile = null, string? foreign = null, string? tool = null,
        Action<ProcessStartInfo>? configure = null)
    {
        string[] command = ["dotnet", Path.Combine(tool ?? Folder, "TransferKit.Cli.dll"), .. arguments];
        if (largestFile is { } kib)
            command = ["bash", "-c", FormattableString.Invariant($"trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\""), .. command];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _photos.Folder,
            Environment = { ["KERAS_HOME"] = _photos.File("keras"), ["TRANSFERKIT_OFFLINE"] = "1", ["TRANSFERKIT_LIBTORCH"] = libtorch },
        };
        if (foreign is not null)
            start.Environment["LD_LIBRARY_PATH"] = foreign;
        if (largestFile is not null)
        {
            // The runtime itself would create files over the limit.
            start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
            start.Environment["DOTNET_EnableDiagnostics"] = "0";
        }
        configure?.Invoke(start);
        return Process.Start(start)!;
    }
}
