using TransferKit.Tests;

namespace TransferKit.Cli.Tests;

/// <summary>Runs the commands that take an .onnx file of another library by <c>--model</c>.</summary>
public class OnnxModelCommandTests
{
    private static readonly string Model = Goldens.Path("onnx-models", "vit", "model.onnx");

    [Fact]
    public void Extract_predict_and_summary_take_a_file_with_the_configuration_beside_it()
    {
        using var tool = new Transferkit();
        Directory.CreateDirectory(tool.File("photos"));
        File.Copy(Goldens.Path("images", "rocket.jpg"), tool.File("photos", "rocket.jpg"));

        Assert.Contains("(1, 24)", Extract("--layer", "last_hidden_state", "--pooling", "cls"));
        Assert.Contains("(1, 17, 24)", Extract("--layer", "last_hidden_state"));
        Assert.Contains("(1, 10)", Extract("--layer", "pooler_output", "--interpolation", "bilinear", "--preprocess", "torch",
            "--input-size", "32x32"));
        Assert.Contains("(Softmax)", tool.Run("summary", "--model", Model, "--input-size", "32x32").Out);

        var one = Goldens.Path("onnx-models", "nhwc", "model.onnx");
        var (exitCode, output, error) = tool.Run("predict", tool.File("photos", "rocket.jpg"), "--model", one, "--top", "2");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(3, output.TrimEnd().Split('\n').Length);

        string Extract(params string[] options) => tool.Run(["extract", "photos", "--model", Model, "--out", "f.npz", .. options]).Out;
    }

    [Theory]
    [InlineData(3, "takes pictures of any size", "extract", ".", "--out", "f.npz", "--preprocess", "torch")]
    [InlineData(3, "nothing says how its pixels are scaled", "extract", ".", "--out", "f.npz", "--input-size", "32x32")]
    [InlineData(2, "Did you mean 'pooler_output'", "extract", ".", "--out", "f.npz", "--preprocess", "none", "--input-size", "32x32",
        "--layer", "pooler_outpu")]
    [InlineData(2, "--weights and --model exclude each other", "extract", ".", "--weights", "none", "--out", "f.npz")]
    [InlineData(2, "takes", "extract", ".", "--preprocess", "caffe", "--out", "f.npz")]
    [InlineData(2, "is an .onnx file", "evaluate", ".")]
    [InlineData(2, "is an .onnx file", "export", "--out", "m.onnx")]
    [InlineData(3, "Microsoft.ML.OnnxRuntime.Gpu", "predict", "rocket.jpg", "--device", "cuda")]
    [InlineData(2, "--labels and an .onnx file", "predict", "x.png", "--labels", "l.txt")]
    public void What_a_file_cannot_do_is_refused(int exitCode, string says, params string[] arguments)
    {
        using var tool = new Transferkit();
        File.Copy(Goldens.Path("images", "rocket.jpg"), tool.File("rocket.jpg"));
        File.Copy(Model, tool.File("vit.onnx"));

        var (code, _, error) = tool.Run([.. arguments, "--model", "vit.onnx"]);

        Assert.Contains(says, Assert.Single(error.TrimEnd().Split('\n')));
        Assert.Equal(exitCode, code);
    }
}
