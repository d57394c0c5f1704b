using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Tests.WeightSources;

public class WeightBinderTests
{
    [Theory]
    [InlineData("legacy.h5")]
    [InlineData("keras3.weights.h5")]
    public void Another_shape_names_layer_weight_and_both_shapes(string file)
    {
        var e = Assert.Throws<WeightsMismatchException>(
            () => WeightBinder.Bind(WeightFile.Open(SmallModel.File(file)), SmallModel.Build(firstFilters: 6)));
        Assert.Equal("c1", e.Layer);
        Assert.Equal("kernel", e.Weight);
        Assert.Equal("(3, 3, 3, 6)", e.Expected);
        Assert.Equal("(3, 3, 3, 4)", e.Found);
        Assert.Equal(SmallModel.File(file), e.File);
        Assert.Contains(file, e.Message);
    }

    [Fact]
    public void Another_number_of_layers_says_where_the_two_part()
    {
        var top = SmallModel.Build();
        var notop = new LayerGraph("notop", top.Output.Inputs[0]);
        var e = Assert.Throws<WeightsMismatchException>(() => WeightBinder.Bind(WeightFile.Open(SmallModel.File("legacy.h5")), notop));
        Assert.Null(e.Layer);
        Assert.Equal("4", e.Expected);
        Assert.Equal("5", e.Found);
        Assert.Contains("'predictions'", e.Message);
    }

    [Fact]
    public void A_layer_that_a_Keras_3_file_lacks_or_has_beside_is_an_error()
    {
        var top = SmallModel.Build();
        var longer = new LayerGraph("longer", new Layer("more", new Dense(3), [top.Output]));
        var shorter = new LayerGraph("shorter", top.Output.Inputs[0]);
        Assert.Equal("more", Assert.Throws<WeightsMismatchException>(
            () => WeightBinder.Bind(WeightFile.Open(SmallModel.File("keras3.weights.h5")), longer)).Layer);
        Assert.Equal("layers/dense", Assert.Throws<WeightsMismatchException>(
            () => WeightBinder.Bind(WeightFile.Open(SmallModel.File("keras3.weights.h5")), shorter)).Found);
    }

    [Fact]
    public void Another_number_of_weights_names_the_layer()
    {
        var g = new GraphBuilder(8, 8);
        var x = g.Add(new Conv2D(4, 3, 1, Padding.Valid) { UseBias = false }, "c1", g.Input);
        var graph = new LayerGraph("other", x);
        var e = Assert.Throws<WeightsMismatchException>(() => WeightBinder.BindByName(WeightFile.Open(SmallModel.File("legacy.h5")), graph));
        Assert.Equal(("c1", null, "1", "2"), (e.Layer, e.Weight, e.Expected, e.Found));
    }

    [Fact]
    public void By_name_files_of_Keras_3_are_refused_as_Keras_refuses_them() =>
        Assert.Throws<WeightsFormatException>(
            () => WeightBinder.BindByName(WeightFile.Open(SmallModel.File("keras3.weights.h5")), SmallModel.Build()));

    [Fact]
    public void By_name_the_layers_that_the_file_names_are_loaded_and_others_keep_their_initial_values()
    {
        var g = new GraphBuilder(8, 8);
        var x = g.Add(new Conv2D(4, 3, 1, Padding.Valid), "new_stem", g.Input);
        x = g.Add(new Conv2D(3, 1, 1, Padding.Valid), "narrow", x);
        x = g.Add(new Conv2D(4, 3, 1, Padding.Valid), "c1", x);
        var graph = new LayerGraph("other", x);
        var golden = SmallModel.Expected(SmallModel.Build());

        using var bound = WeightBinder.BindByName(WeightFile.Open(SmallModel.File("legacy.h5")), graph, unboundSeed: 3);
        using var initial = new InitialWeights(3);

        Assert.Equal(golden[0], bound.Read(x, x.Weights[0]));
        Assert.Equal(golden[1], bound.Read(x, x.Weights[1]));
        var stem = graph.Layers.Single(l => l.Name == "new_stem");
        Assert.Equal(initial.Read(stem, stem.Weights[0]), bound.Read(stem, stem.Weights[0]));
    }
}
