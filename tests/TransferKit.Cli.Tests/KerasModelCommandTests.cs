using TransferKit.Tests;

namespace TransferKit.Cli.Tests;

/// <summary>Runs the commands that take a whole Keras model by <c>--model</c>.</summary>
public class KerasModelCommandTests
{
    private static readonly string Model = Goldens.Path("keras-models", "nested-frozen.keras");

    [Fact]
    public void Predict_prints_the_labels_beside_the_model()
    {
        using var tool = new Transferkit();
        File.Copy(Model, tool.File("m.keras"));
        File.Copy(Goldens.Path("images", "rocket.jpg"), tool.File("rocket.jpg"));
        File.WriteAllText(tool.File("labels.txt"), "0 cats\n1 dogs\n2 birds\n");

        var (exitCode, output, error) = tool.Run("predict", "rocket.jpg", "--model", "m.keras", "--top", "2");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith("rocket.jpg\n", output);
        Assert.Equal(3, output.TrimEnd().Split('\n').Length);
        Assert.True(output.Contains("cats", StringComparison.Ordinal) || output.Contains("dogs", StringComparison.Ordinal));
    }

    [Fact]
    public void Summary_extract_and_export_take_a_model()
    {
        using var tool = new Transferkit();
        Directory.CreateDirectory(tool.File("photos"));
        File.Copy(Goldens.Path("images", "rocket.jpg"), tool.File("photos", "rocket.jpg"));

        Assert.Contains("head/dense (Dense)", tool.Run("summary", "--model", Model).Out);
        Assert.Contains("(1, 4)", tool.Run("extract", "photos", "--model", Model, "--layer", "pool", "--out", "f.npz").Out);
        Assert.Equal(0, tool.Run("export", "--model", Model, "--out", "m.onnx").ExitCode);
        Assert.True(File.Exists(tool.File("m.onnx")));
        Assert.Equal(0, tool.Run("export", "--model", Model, "--layer", "pool", "--out", "m.h5").ExitCode);
        Assert.Contains("(1, 4)", tool.Run("extract", "photos", "--model", "m.h5", "--out", "g.npz").Out);
    }

    [Fact]
    public void Outputs_are_chosen_and_printed_by_their_names()
    {
        using var tool = new Transferkit();
        var file = Goldens.Path("keras-models", "named.keras");
        File.Copy(file, tool.File("m.keras"));
        Directory.CreateDirectory(tool.File("photos", "b"));
        File.Copy(Goldens.Path("images", "rocket.jpg"), tool.File("photos", "b", "rocket.jpg"));
        var photo = Path.Combine("photos", "b", "rocket.jpg");

        var all = tool.Run("predict", photo, "--model", "m.keras", "--top", "1").Out.TrimEnd().Split('\n');
        Assert.Equal([photo, "  again:", "  box:", "  dense: a map of 4 x 3 x 2", "  kind:"], all.Where(l => !l.Contains("output ")));
        var one = tool.Run("predict", photo, "--model", "m.keras", "--layer", "kind", "--top", "4").Out.TrimEnd().Split('\n');
        Assert.Equal(5, one.Length);

        File.WriteAllText(tool.File("labels.txt"), "a\nb\nc\nd\n");
        Assert.Contains(" b\n", tool.Run("predict", photo, "--model", "m.keras", "--layer", "kind").Out);
        Assert.StartsWith("images    1\n", tool.Run("evaluate", "photos", "--model", "m.keras", "--layer", "kind").Out);

        Assert.Contains("(1, 4, 3, 2)", tool.Run("extract", "photos", "-r", "--model", file, "--layer", "dense", "--out", "f.npz").Out);
        var (exitCode, _, error) = tool.Run("extract", "photos", "-r", "--model", file, "--out", "g.npz");
        Assert.Equal(2, exitCode);
        Assert.Contains("4 (again, box, dense, kind): choose one with Layers (--layer)", Assert.Single(error.TrimEnd().Split('\n')));
        Assert.Equal(0, tool.Run("export", "--model", file, "--layer", "head", "--out", "h.keras").ExitCode);
        Assert.Contains("kinds (Dense)", tool.Run("summary", "--model", "h.keras").Out);
    }

    [Theory]
    [InlineData(2, "--weights and --model exclude each other", "extract", ".", "--weights", "none", "--out", "f.npz")]
    [InlineData(2, "not both", "summary", "vgg16")]
    [InlineData(2, "Did you mean 'pool'", "extract", ".", "--layer", "pol", "--out", "f.npz")]
    public void What_does_not_fit_a_model_is_refused(int exitCode, string says, params string[] arguments)
    {
        using var tool = new Transferkit();

        var (code, _, error) = tool.Run([.. arguments, "--model", Model]);

        Assert.Contains(says, Assert.Single(error.TrimEnd().Split('\n')));
        Assert.Equal(exitCode, code);
    }
}
