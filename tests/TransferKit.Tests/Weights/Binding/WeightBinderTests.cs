using TransferKit.Graph;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;

namespace TransferKit.Tests.WeightSources.Binding;

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
        var e = Assert.Throws<WeightsMismatchException>(
            () => WeightBinder.BindByName(WeightFile.Open(SmallModel.File("legacy.h5")), graph));
        Assert.Equal(("c1", null, "1", "2"), (e.Layer, e.Weight, e.Expected, e.Found));
    }

    [Theory]
    [InlineData("legacy.h5")]
    [InlineData("keras3.weights.h5")]
    [InlineData("whole.keras")]
    public void By_name_every_file_that_notes_layer_names_is_bound(string file)
    {
        var graph = SmallModel.Build();
        using var bound = WeightBinder.BindByName(WeightFile.Open(SmallModel.File(file)), graph);
        Assert.Equal(SmallModel.Expected(graph), bound.ReadAll(graph));
        Assert.Empty(bound.UnboundLayers);
    }

    [Theory]
    [InlineData("tensorflow_2_13.weights.h5")]
    [InlineData("nested.weights.h5")]
    public void By_name_a_file_that_notes_no_layer_names_is_refused_with_what_to_do(string file)
    {
        var e = Assert.Throws<WeightsFormatException>(
            () => WeightBinder.BindByName(WeightFile.Open(SmallModel.File(file)), SmallModel.Build()));
        Assert.Contains(file, e.Message);
        Assert.Contains("byName: false", e.Message);
    }

    [Theory]
    [InlineData("other_names.h5", "convolution2d_1, convolution2d_2, convolution2d_3")]
    [InlineData("keras3.weights.h5", "bn1, c1, c2, predictions, norm")]
    public void By_name_a_file_that_names_no_layer_of_the_model_is_refused_with_names_of_both(string file, string found)
    {
        var g = new GraphBuilder(8, 8);
        var x = g.Input;
        for (var i = 0; i < 7; i++)
            x = g.Add(new Conv2D(4, 1, 1, Padding.Valid), $"own_{i}", x);
        // A layer without weights is no match.
        var graph = new LayerGraph("other", g.Add(new GlobalAveragePooling2D(), "pool", x));

        var e = Assert.Throws<WeightsMismatchException>(() => WeightBinder.BindByName(WeightFile.Open(SmallModel.File(file)), graph));

        Assert.Equal((SmallModel.File(file), null, null), (e.File, e.Layer, e.Weight));
        Assert.Equal(("own_0, own_1, own_2, own_3, own_4 and 2 more", found), (e.Expected, e.Found));
        Assert.All([SmallModel.File(file), e.Expected, e.Found, "byName: false"], part => Assert.Contains(part, e.Message));
    }

    [Theory]
    [InlineData("legacy.h5")]
    [InlineData("keras3.weights.h5")]
    public void By_name_a_layer_of_another_shape_is_refused_and_not_left_at_initial_values(string file)
    {
        var e = Assert.Throws<WeightsMismatchException>(
            () => WeightBinder.BindByName(WeightFile.Open(SmallModel.File(file)), SmallModel.Build(firstFilters: 6)));
        Assert.Equal(("c1", "kernel", "(3, 3, 3, 6)", "(3, 3, 3, 4)"), (e.Layer, e.Weight, e.Expected, e.Found));
    }

    [Theory]
    [InlineData("legacy.h5")]
    [InlineData("keras3.weights.h5")]
    public void By_name_weights_for_a_layer_that_has_none_are_refused(string file)
    {
        var g = new GraphBuilder(8, 8);
        var x = g.Add(new Conv2D(4, 3, 1, Padding.Valid), "c1", g.Input);
        var graph = new LayerGraph("other", g.Add(new ReLU(), "bn1", x));
        var e = Assert.Throws<WeightsMismatchException>(() => WeightBinder.BindByName(WeightFile.Open(SmallModel.File(file)), graph));
        Assert.Equal(("bn1", "0", "4"), (e.Layer, e.Expected, e.Found));
    }

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
        Assert.Equal(["new_stem", "narrow"], bound.UnboundLayers);
    }
}
