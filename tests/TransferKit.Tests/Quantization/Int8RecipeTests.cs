using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Quantization;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Quantization;

public sealed class Int8RecipeTests
{
    [Fact]
    public void Other_weights_outputs_constants_preparation_and_pictures_make_other_recipes()
    {
        var graph = Scaled(0.1);
        Assert.True(graph.TryFind("conv", out var conv));
        string[] keys =
        [
            Key(graph), Key(graph, gammaLow: 0.9), Key(graph, PreprocessMode.Caffe), Key(graph, calibration: "others"), Key(Scaled(0.2)),
            Key(OnnxWriter.Translate(graph, [conv], InputForm.Planar)),
        ];
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(Key(graph), Key(Scaled(0.1)));
    }

    [Fact]
    public void A_recipe_with_a_changed_number_is_not_taken()
    {
        var folder = Directory.CreateTempSubdirectory("transferkit-");
        try
        {
            var path = Path.Combine(folder.FullName, "a.int8.json");
            new Int8Recipe
            {
                Key = "k",
                Ranges = new() { ["conv"] = new(-1.25f, 2.5f) },
                Means = [],
                Equalized = [],
                Floats = ["relu"],
            }.TrySave(path);
            Assert.Equal(new(-1.25f, 2.5f), Int8Recipe.TryLoad(path, "k")!.Ranges["conv"]);

            var text = File.ReadAllText(path);
            File.WriteAllText(path, text.Replace("2.5", "3.5", StringComparison.Ordinal));
            Assert.NotEqual(text, File.ReadAllText(path));
            Assert.Null(Int8Recipe.TryLoad(path, "k"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static LayerGraph Scaled(double scale) =>
        Of(5, 4, (g, x) => g.Add(new CustomScaleLayer(scale), "sum", x, g.Add(new Conv2D(3, 3, 1, Padding.Same), "conv", x)));

    private static string Key(
        LayerGraph graph, PreprocessMode preprocess = PreprocessMode.Tf, double gammaLow = 0.8, string calibration = "pictures") =>
        Key(OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar), preprocess, gammaLow, calibration);

    private static string Key(
        OnnxModel model, PreprocessMode preprocess = PreprocessMode.Tf, double gammaLow = 0.8, string calibration = "pictures")
    {
        using var weights = new FormulaWeights(gammaLow);
        return Int8Recipe.KeyOf(model, weights, preprocess, calibration);
    }
}
