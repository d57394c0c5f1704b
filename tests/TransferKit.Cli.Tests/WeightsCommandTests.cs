using System.Text.Json;
using TransferKit.Tests;

namespace TransferKit.Cli.Tests;

public class WeightsCommandTests
{
    private const string Small = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5";
    private static readonly string[] Name = ["mobilenet_v2", "--alpha", "0.35", "--no-top"];
    private static readonly string Mirror = Goldens.Path("..", "..", "src", "TransferKit.Weights.MobileNetV2");

    [Fact]
    public void Pulled_weights_are_listed_verified_and_removed()
    {
        using var tool = new Transferkit();
        var path = tool.File("keras", "models", Small);
        Assert.Equal((0, $"No weights in {tool.File("keras", "models")}.\n"), Two(tool.Run("weights", "list")));

        var pulled = tool.Run(["weights", "pull", .. Name, "--mirror", Mirror]);
        Assert.Equal((0, path + "\n"), Two(pulled));
        Assert.Contains("Downloading 2.0 of 2.0 MB", pulled.Error);
        Assert.Equal((0, path + "\n"), Two(tool.Run(["weights", "path", .. Name])));
        Assert.Equal((0, $"verified        2.0 MB  {path}\n"), Two(tool.Run("weights", "list")));
        using (var list = JsonDocument.Parse(tool.Run("weights", "list", "--json").Out))
        {
            var file = Assert.Single(list.RootElement.EnumerateArray());
            Assert.Equal((Small, path, "verified"), (Text(file, "file"), Text(file, "path"), Text(file, "state")));
            Assert.Equal(new FileInfo(path).Length, file.GetProperty("size").GetInt64());
        }
        Assert.EndsWith("1 verified, 0 wrong.\n", tool.Run("weights", "verify").Out);

        File.WriteAllText(tool.File("keras", "models", "vgg16_weights_tf_dim_ordering_tf_kernels.h5"), "<html>");
        Assert.EndsWith("\n2 files, 2.0 MB\n", tool.Run("weights", "list").Out);
        var (exitCode, output, error) = tool.Run("weights", "verify");
        Assert.Equal(3, exitCode);
        Assert.EndsWith("1 verified, 1 wrong.\n", output);
        Assert.Contains("vgg16_weights_tf_dim_ordering_tf_kernels.h5: it is not a weight file: it is an HTML page", error);

        Assert.Equal((0, $"removed: {Small}\n"), Two(tool.Run(["weights", "remove", .. Name])));
        Assert.Equal((0, $"not cached: {Small}\n"), Two(tool.Run(["weights", "remove", .. Name])));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_file_of_which_no_hash_is_known_is_called_unverified_everywhere()
    {
        const string Unknown = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_96_no_top.h5";
        using var tool = new Transferkit();
        Directory.CreateDirectory(tool.File("mirror"));
        File.Copy(Path.Combine(Mirror, Small), tool.File("mirror", Unknown));
        var path = tool.File("keras", "models", Unknown);

        var pulled = tool.Run(["weights", "pull", .. Name, "--input-size", "96x96", "--mirror", tool.File("mirror")]);
        Assert.Equal((0, path + "\n"), Two(pulled));
        Assert.Contains($"{Unknown}: unverified", pulled.Error);
        Assert.Equal((0, $"unverified      2.0 MB  {path}\n"), Two(tool.Run("weights", "list")));
        var (exitCode, output, _) = tool.Run("weights", "verify");
        Assert.Equal(0, exitCode);
        Assert.EndsWith("0 verified, 0 wrong, 1 unverified (unknown hash).\n", output);
    }

    [Fact]
    public void A_damaged_compiled_model_is_found_by_verify()
    {
        using var tool = new Transferkit();
        tool.Run(["weights", "pull", .. Name, "--mirror", Mirror]);
        var store = new WeightStoreOptions { CacheDirectory = tool.File("keras", "models"), Offline = true };
        Backbone.Load("mobilenet_v2", new() { IncludeTop = false, Alpha = 0.35, Store = store }).Dispose();
        var folder = Assert.Single(Directory.GetDirectories(tool.File("keras", "models", "transferkit")));
        Assert.EndsWith("2 verified, 0 wrong.\n", tool.Run("weights", "verify").Out);

        using (var file = File.Open(Path.Combine(folder, "optimised.bin"), FileMode.Open))
            file.WriteByte((byte)~file.ReadByte());
        var (exitCode, output, error) = tool.Run("weights", "verify");
        Assert.Equal(3, exitCode);
        Assert.EndsWith("1 verified, 1 wrong.\n", output);
        Assert.Contains($"{folder}: its optimised.bin has other bytes than were written", error);
    }

    [Fact]
    public void A_bundle_goes_from_one_cache_to_another()
    {
        using var tool = new Transferkit();
        var exported = tool.Run(["weights", "export", "b.zip", .. Name, "--cache", "from", "--mirror", Mirror, "--offline"]);
        Assert.Equal((0, "b.zip: 1 file, 2.0 MB\n"), Two(exported));

        var target = tool.File("to", Small);
        Assert.Equal((0, target + "\n"), Two(tool.Run("weights", "import", "b.zip", "--cache", "to")));

        Assert.Equal(File.ReadAllBytes(Path.Combine(Mirror, Small)), File.ReadAllBytes(target));
        Assert.Contains("verified", tool.Run("weights", "list", "--cache", "to").Out);
    }

    [Theory]
    [InlineData(2, "weights pull --help", "weights", "pull")]
    [InlineData(2, "Did you mean 'vgg16'?", "weights", "pull", "vgg17")]
    [InlineData(2, "ftp://host", "weights", "pull", "vgg16", "--mirror", "ftp://host")]
    [InlineData(2, "exclude each other", "weights", "path", "vgg16", "--no-top", "--include-top")]
    [InlineData(1, "64373286793e3c8b2b4e3219cbf3544b", "weights", "pull", "vgg16", "--mirror", "absent", "--offline")]
    [InlineData(3, "absent.zip", "weights", "import", "absent.zip")]
    [InlineData(3, "not a complete zip", "weights", "import", "junk.zip")]
    [InlineData(3, "were not downloaded", "weights", "export", "b.zip", "vgg16")]
    public void Every_failure_is_one_line_that_says_what_was_wrong(int exitCode, string says, params string[] arguments)
    {
        using var tool = new Transferkit();
        File.WriteAllText(tool.File("junk.zip"), "<html>");

        var (code, _, error) = tool.Run(arguments);

        Assert.Contains(says, Assert.Single(error.TrimEnd().Split('\n')));
        Assert.Equal(exitCode, code);
        Assert.False(File.Exists(tool.File("b.zip")));
    }

    [Fact]
    public void A_weight_file_is_shown_with_the_models_in_it_and_the_options_to_load_them_with()
    {
        var file = Goldens.Path("cases", "nested-teachable-machine", "keras_model.h5");
        using var tool = new Transferkit();

        var (exitCode, output, error) = tool.Run("weights", "show", file, "--layers");
        Assert.Equal((0, ""), (exitCode, error));
        string[] told =
        [
            $"{file}: whole model (.h5), Keras 2.4.0", "sequential_1/model1", "sequential_1/model1: conv1  (3, 3, 3, 8)",
            $"sequential_1/model1 is mobilenet: --backbone mobilenet --weights {file} --alpha 0.25 --no-top",
        ];
        Assert.All(told, part => Assert.Contains(part, output));

        using var json = JsonDocument.Parse(tool.Run("weights", "show", file, "--json").Out);
        var use = Assert.Single(json.RootElement.GetProperty("uses").EnumerateArray());
        Assert.Equal(("mobilenet", "sequential_1/model1"), (Text(use, "application"), Text(use, "model")));
        Assert.Equal(0.25, use.GetProperty("alpha").GetDouble());
        Assert.Equal(4, json.RootElement.GetProperty("models").GetArrayLength());
    }

    [Fact]
    public void A_file_that_is_no_weight_file_is_one_line_on_the_error_stream()
    {
        using var tool = new Transferkit();
        File.WriteAllText(tool.File("page.h5"), "<html>");
        var (exitCode, output, error) = tool.Run("weights", "show", tool.File("page.h5"));
        Assert.NotEqual(0, exitCode);
        Assert.Equal("", output);
        Assert.Contains("page.h5", Assert.Single(error.TrimEnd().Split('\n')));
    }

    private static (int, string) Two((int ExitCode, string Out, string Error) run) => (run.ExitCode, run.Out);

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
