using System.CommandLine;
using System.Text.Json;
using TransferKit.Tests;

namespace TransferKit.Cli.Tests;

public class ToolTests
{
    private static readonly string Samples = Goldens.Path("..", "..", "docs", "samples", "pictures");

    [Fact]
    public void The_embedded_default_extracts_a_folder_offline()
    {
        using var tool = new Transferkit();

        var (exitCode, output, error) = tool.Run("extract", Samples, "--out", "f.npz");

        Assert.Equal((0, "4 written, 0 skipped: f.npz (4, 1280) from mobilenet_v2\n"), (exitCode, output));
        Assert.Contains("Extracting 4 of 4 images", error);
        Assert.True(File.Exists(tool.File("f.npz")));
    }

    [Fact]
    public void Int8_is_calibrated_from_a_folder_extracts_exports_and_tells_what_it_costs()
    {
        using var tool = new Transferkit();
        string[] int8 = ["--interpolation", "bicubic", "--calibration", Samples];

        var (exitCode, output, error) = tool.Run(["extract", Samples, "--precision", "int8", .. int8, "--out", "f.npz"]);
        Assert.Equal((0, "4 written, 0 skipped: f.npz (4, 1280) from mobilenet_v2\n"), (exitCode, output));
        Assert.Contains("Calibrating 100 of 100 %", error);

        (exitCode, output, _) = tool.Run(["compare", Samples, .. int8, "--json"]);
        Assert.Equal(0, exitCode);
        using var report = JsonDocument.Parse(output);
        Assert.Equal(4, report.RootElement.GetProperty("cosines").GetArrayLength());
        Assert.InRange(report.RootElement.GetProperty("mean_cosine").GetDouble(), 0.97, 1);

        (exitCode, output, _) = tool.Run(
        [
            "export", "mobilenet_v2", "--alpha", "0.35", "--no-top", "--pooling", "avg", "--precision", "int8", .. int8, "--out", "m.onnx",
        ]);
        Assert.Equal(0, exitCode);
        Assert.InRange(new FileInfo(tool.File("m.onnx")).Length, 400_000, 1_000_000);

        (exitCode, output, _) = tool.Run(
            "bench", "mobilenet_v2", "--precision", "int8", "--alpha", "0.35", "--input-size", "32x32",
            "--batch-size", "1", "--seconds", "0.1");
        Assert.Equal(0, exitCode);
        Assert.Contains("mobilenet_v2", output);
        // Models that are not cached, and those that a calibration observes, are compiled in a temporary folder.
        Assert.Empty(Directory.GetFileSystemEntries(tool.Temporary, ".transferkit-*"));
    }

    [Fact]
    public void What_a_killed_download_of_libtorch_left_is_swept_once_it_is_old()
    {
        using var tool = new Transferkit();
        string[] folders = ["libtorch-1-cpu.a.unfinished", "libtorch-1-cpu.b.unfinished", "libtorch-1-cpu"];
        foreach (var folder in folders)
            Directory.CreateDirectory(tool.File(folder, "out"));
        foreach (var folder in folders.Skip(1))
            Directory.SetLastWriteTimeUtc(tool.File(folder), DateTime.UtcNow.AddDays(-2));

        LibTorch.Sweep(tool.Folder);

        Assert.Equal(
            ["libtorch-1-cpu", "libtorch-1-cpu.a.unfinished"], Directory.GetDirectories(tool.Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Float16_extracts_exports_half_the_file_and_tells_what_it_costs()
    {
        using var tool = new Transferkit();

        var (exitCode, output, _) = tool.Run("extract", Samples, "--precision", "float16", "--out", "f.npz");
        Assert.Equal((0, "4 written, 0 skipped: f.npz (4, 1280) from mobilenet_v2\n"), (exitCode, output));

        (exitCode, output, _) = tool.Run(
            "compare", Samples, "--weights", "none", "--include-top", "--pooling", "none", "--precision", "float16");
        Assert.Equal(0, exitCode);
        Assert.StartsWith("mobilenet_v2, float16 against float32: ", output);

        (exitCode, output, _) = tool.Run(
            "export", "mobilenet_v2", "--alpha", "0.35", "--no-top", "--pooling", "avg", "--precision", "float16", "--out", "m.onnx");
        Assert.Equal(0, exitCode);
        Assert.InRange(new FileInfo(tool.File("m.onnx")).Length, 800_000, 1_000_000);

        (exitCode, output, _) = tool.Run(
            "bench", "mobilenet_v2", "--precision", "float16", "--alpha", "0.35", "--input-size", "32x32",
            "--batch-size", "1", "--seconds", "0.1");
        Assert.Equal(0, exitCode);
        Assert.Contains("mobilenet_v2", output);
    }

    [Fact]
    public void A_second_run_takes_the_compiled_model_from_beside_the_weights()
    {
        using var tool = new Transferkit();
        tool.Run("extract", Samples, "--out", "first.npz");
        var model = Assert.Single(Directory.GetFiles(tool.File("keras", "models"), "*.onnx", SearchOption.AllDirectories));
        var written = File.GetLastWriteTimeUtc(model);

        tool.Run("extract", Samples, "--out", "second.npz");

        Assert.Equal(written, File.GetLastWriteTimeUtc(model));
        Assert.Equal(File.ReadAllBytes(tool.File("first.npz")).Length, File.ReadAllBytes(tool.File("second.npz")).Length);
    }

    [Fact]
    public void Skipped_files_that_no_retry_can_read_are_named_with_reasons_and_the_exit_code_is_3()
    {
        using var tool = new Transferkit();
        Directory.CreateDirectory(tool.File("photos"));
        foreach (var name in new[] { "rocket.jpg", "made_empty.jpg", "made_not_an_image.jpg" })
            File.Copy(Goldens.Path("images", name), tool.File("photos", name));

        var (exitCode, output, error) = tool.Run("extract", "photos", "--out", "f.npz");

        Assert.Equal(3, exitCode);
        Assert.Contains("1 written, 2 skipped", output);
        Assert.Contains("skipped made_empty.jpg: the file is empty", error);
        Assert.Contains("skipped made_not_an_image.jpg: the content is not", error);

        (exitCode, _, error) = tool.Run("extract", "photos", "--on-error", "stop", "--out", "g.npz");

        Assert.Equal(3, exitCode);
        Assert.Contains("made_empty.jpg", Assert.Single(error.TrimEnd().Split('\n')));
        Assert.False(File.Exists(tool.File("g.npz")));
    }

    [Theory]
    [InlineData(2, "--out", "extract", ".")]
    [InlineData(2, "'exctract'", "exctract")]
    [InlineData(2, "Did you mean 'resnet50'?", "extract", ".", "--backbone", "resnet5", "--out", "f.npz")]
    [InlineData(
        2, "Did you mean 'fc2'?", "extract", ".", "-b", "vgg16", "--weights", "none", "--include-top", "--layer", "fc2x", "--out", "f.npz")]
    [InlineData(2, "32x32", "extract", ".", "--input-size", "8x8", "--out", "f.npz")]
    [InlineData(2, "480x640", "extract", ".", "--input-size", "8", "--out", "f.npz")]
    [InlineData(2, "exclude each other", "summary", "vgg16", "--include-top", "--no-top")]
    [InlineData(2, "--seed", "extract", ".", "--seed", "3", "--out", "f.npz")]
    [InlineData(2, "Calibration", "extract", ".", "--precision", "int8", "--out", "f.npz")]
    [InlineData(2, "Calibration", "compare", ".")]
    [InlineData(2, "Calibration needs Precision.Int8", "compare", ".", "--precision", "float16", "--calibration", ".")]
    [InlineData(
        2, "'median'", "extract", ".", "--precision", "int8", "--calibration", ".", "--calibration-method", "median", "--out", "f.npz")]
    [InlineData(2, "'cubic'", "extract", ".", "--interpolation", "cubic", "--out", "f.npz")]
    [InlineData(2, "image_dataset_from_directory", "extract", ".", "--resize", "tensorflow", "--out", "f.npz")]
    [InlineData(2, "Interpolation is Box", "extract", ".", "--resize", "resizing", "--interpolation", "box", "--out", "f.npz")]
    [InlineData(2, "'rgba'", "extract", ".", "--color-mode", "rgba", "--out", "f.npz")]
    [InlineData(2, "abacus", "predict", "x.jpg", "--backbone", "resnet50", "--device", "abacus")]
    [InlineData(3, "Microsoft.ML.OnnxRuntime.Gpu", "predict", "x.jpg", "--backbone", "resnet50", "--device", "cuda")]
    [InlineData(3, "'absent'", "extract", "absent", "--out", "f.npz")]
    [InlineData(3, "holds no files", "extract", ".", "--out", "f.npz")]
    [InlineData(3, "absent", "extract", ".", "--out", "absent/f.npz")]
    [InlineData(3, "absent.h5", "extract", ".", "--weights", "absent.h5", "--out", "f.npz")]
    [InlineData(3, "resnet50_weights_tf_dim_ordering_tf_kernels.h5", "predict", "x.jpg", "--backbone", "resnet50")]
    public void Every_failure_is_one_line_that_says_what_was_wrong(int exitCode, string says, params string[] arguments)
    {
        using var tool = new Transferkit();

        var (code, _, error) = tool.Run(arguments);

        var line = Assert.Single(error.TrimEnd().Split('\n'));
        Assert.StartsWith("transferkit: ", line);
        Assert.Contains(says, line);
        Assert.Equal(exitCode, code);
        Assert.Empty(Directory.GetFiles(tool.Folder, "*.npz*"));
    }

    [Fact]
    public void Absent_weights_are_told_with_file_place_address_and_hash()
    {
        using var tool = new Transferkit();

        var (_, _, error) = tool.Run("predict", Path.Combine(Samples, "rocket.jpg"), "--backbone", "vgg16");

        Assert.Contains("vgg16_weights_tf_dim_ordering_tf_kernels.h5", error);
        Assert.Contains("https://storage.googleapis.com/", error);
        Assert.Contains("64373286793e3c8b2b4e3219cbf3544b", error);
        Assert.Contains(tool.File("keras", "models"), error);
    }

    [Fact]
    public void Verbose_shows_where_an_error_came_from() =>
        Assert.Contains("   at ", new Transferkit().Run("extract", "absent", "--out", "f.npz", "--verbose").Error);

    [Fact]
    public void The_summary_as_json_holds_the_layer_table_of_Keras()
    {
        using var tool = new Transferkit();
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Goldens.Path("backbones", "resnet50.json")));

        using var summary = JsonDocument.Parse(tool.Run("summary", "resnet50", "--json").Out);
        using var noTop = JsonDocument.Parse(tool.Run("summary", "resnet50", "--no-top", "--pooling", "avg", "--json").Out);

        Assert.Equal(25_636_712, summary.RootElement.GetProperty("total_params").GetInt64());
        Assert.Equal(
            golden.RootElement.GetProperty("layers_top").EnumerateArray().Select(
                l => $"{l.GetProperty("name")} {l.GetProperty("output_shape")} {l.GetProperty("params")}".Replace(" ", "")),
            summary.RootElement.GetProperty("layers").EnumerateArray().Select(l =>
                $"{l.GetProperty("name")} {JsonSerializer.Serialize(l.GetProperty("output_shape"))} {l.GetProperty("params")}"
                    .Replace(" ", "")));
        Assert.Equal(
            golden.RootElement.GetProperty("layer_order_notop").EnumerateArray().Select(l => l.GetString()),
            noTop.RootElement.GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("name").GetString()));
    }

    [Fact]
    public void Descriptions_of_options_fit_a_narrow_terminal_and_leave_defaults_to_the_help()
    {
        const int room = 34;
        var options = Commands(Tool.CreateRoot(Settings.Read())).SelectMany(c => c.Options).Distinct().ToList();

        Assert.NotEmpty(options);
        Assert.All(options, o => Assert.All(o.Description!.Split(' '), word => Assert.True(word.Length <= room, $"{o.Name}: {word}")));
        Assert.All(
            options.Where(o => o.HasDefaultValue && o.ValueType != typeof(bool) && $"{o.GetDefaultValue()}".Length > 0),
            o => Assert.DoesNotContain("Defaults to", o.Description));

        static IEnumerable<Command> Commands(Command command) => command.Subcommands.SelectMany(Commands).Prepend(command);
    }

    [Fact]
    public void Help_and_version_and_the_list_of_models_are_there()
    {
        using var tool = new Transferkit();

        Assert.Contains("transferkit extract photos", tool.Run("--help").Out);
        Assert.Contains("--interpolation", tool.Run("extract", "--help").Out);
        Assert.Matches(@"^\d+\.\d+\.\d+", tool.Run("--version").Out);
        var models = tool.Run("models").Out;
        Assert.All(Backbone.All, model => Assert.Contains(model.Name, models));
    }

    [Fact]
    public void Offline_on_the_command_line_holds_for_libtorch_too()
    {
        using var tool = new Transferkit();
        foreach (var label in (string[])["a", "b"])
        {
            Directory.CreateDirectory(tool.File("photos", label));
            File.Copy(Goldens.Path("images", "chelsea.png"), tool.File("photos", label, "1.png"));
        }

        using var process = tool.Start(offline: false, "train", "photos", "--validation", "0", "--offline", "--out", "m.h5");
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();

        Assert.NotEqual(0, process.ExitCode);
        Assert.Contains("--offline is set, so it is not downloaded", error);
    }

    [Fact]
    public void Keras_names_choose_the_pixels()
    {
        using var tool = new Transferkit();
        string[] arguments = ["extract", Samples, "--no-cache"];

        Assert.Equal(0, tool.Run([.. arguments, "--out", "a.npz"]).ExitCode);
        Assert.Equal(
            0, tool.Run([.. arguments, "--resize", "image_dataset_from_directory", "--aspect-ratio", "crop", "--out", "b.npz"]).ExitCode);

        Assert.NotEqual(File.ReadAllBytes(tool.File("a.npz")), File.ReadAllBytes(tool.File("b.npz")));
    }

    [Fact]
    public void Random_weights_of_one_seed_give_the_same_features_each_time()
    {
        using var tool = new Transferkit();
        string[] arguments = ["extract", Samples, "-b", "mobilenet_v2", "--alpha", "0.35", "--weights", "none", "--input-size", "32x48"];

        tool.Run([.. arguments, "--seed", "7", "--out", "a.npz"]);
        tool.Run([.. arguments, "--seed", "7", "--out", "b.npz"]);
        tool.Run([.. arguments, "--seed", "8", "--out", "c.npz"]);

        Assert.Equal(Features("a.npz"), Features("b.npz"));
        Assert.NotEqual(Features("a.npz"), Features("c.npz"));

        byte[] Features(string npz)
        {
            using var zip = System.IO.Compression.ZipFile.OpenRead(tool.File(npz));
            using var stream = zip.GetEntry("features.npy")!.Open();
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            return memory.ToArray();
        }
    }

    [Fact]
    public void The_table_of_models_fits_a_terminal_of_120_columns()
    {
        using var tool = new Transferkit();

        var lines = tool.Run("models").Out.Split('\n');

        Assert.All(lines, line => Assert.True(line.Length <= 120, line));
        Assert.Matches(
            @"efficientnet_b7 +600x600 +2560 +66\.7 +254 +37\.75 +84\.3 +97\.0 +438 +inside +- +no",
            lines.Single(l => l.Contains("efficientnet_b7")));
    }

    [Fact]
    public void The_page_of_models_holds_the_table_that_the_command_prints()
    {
        using var tool = new Transferkit();

        Assert.Contains(tool.Run("models", "--markdown").Out, File.ReadAllText(Goldens.Path("..", "..", "docs", "models.md")));
    }

    [Fact]
    public void The_models_as_json_hold_every_fact()
    {
        using var tool = new Transferkit();

        using var models = JsonDocument.Parse(tool.Run("models", "--json").Out);

        var resnet = models.RootElement.EnumerateArray().Single(m => m.GetProperty("name").GetString() == "resnet50v2");
        Assert.Equal(Backbone.All.Count, models.RootElement.GetArrayLength());
        Assert.Equal("BSD", resnet.GetProperty("license").GetProperty("name").GetString());
        Assert.Equal("https://arxiv.org/abs/1603.05027", resnet.GetProperty("paper").GetProperty("url").GetString());
        Assert.Equal(76.0, resnet.GetProperty("published").GetProperty("top1").GetDouble());
        Assert.Equal(
            [64, 256, 512, 1024, 2048], resnet.GetProperty("stages").EnumerateArray().Select(s => s.GetProperty("channels").GetInt32()));
        Assert.False(resnet.GetProperty("cached").GetBoolean());
    }

    [Fact]
    public void Bench_measures_images_per_second_without_weights_or_network_and_leaves_nothing_behind()
    {
        using var tool = new Transferkit();
        string[] arguments =
            ["bench", "mobilenet_v2", "mobilenet", "--alpha", "0.5", "--input-size", "64x96", "--batch-size", "4", "1", "--seconds", "0.1"];

        using var json = JsonDocument.Parse(tool.Run([.. arguments, "--json"]).Out);
        var table = tool.Run(arguments).Out;

        var measured = json.RootElement.GetProperty("measured").EnumerateArray().ToArray();
        Assert.Equal(
            [("mobilenet_v2", 1), ("mobilenet_v2", 4), ("mobilenet", 1), ("mobilenet", 4)],
            measured.Select(m => (m.GetProperty("name").GetString(), m.GetProperty("batch_size").GetInt32())));
        Assert.All(measured, m => Assert.True(m.GetProperty("images_per_second").GetDouble() > 0 && m.GetProperty("runs").GetInt32() >= 3));
        Assert.Matches(@"mobilenet_v2 +64x96 +[1-9][0-9.]* +[1-9][0-9.]*", table);
        Assert.Empty(Directory.GetFileSystemEntries(tool.Folder));
    }

    [Theory]
    [InlineData("--batch-size", "0")]
    [InlineData("--weights", "imagenet")]
    public void Bench_refuses_what_it_cannot_measure(string option, string value)
    {
        using var tool = new Transferkit();

        var (exitCode, _, error) = tool.Run("bench", "mobilenet", option, value);

        Assert.NotEqual(0, exitCode);
        Assert.StartsWith("transferkit: ", Assert.Single(error.TrimEnd().Split('\n')));
    }
}
