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
