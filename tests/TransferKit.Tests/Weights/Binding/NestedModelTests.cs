using TransferKit.Graph;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;

namespace TransferKit.Tests.WeightSources.Binding;

/// <summary>Tests that a backbone is found in the whole models that Keras 3 wrote (<c>tests/goldens/h5/nested</c>).</summary>
public sealed class NestedModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("transferkit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("called.keras", "layers/functional")]
    [InlineData("called.h5", "small")]
    [InlineData("called.weights.h5", "layers/functional")]
    [InlineData("called_weights.h5", "small")]
    [InlineData("sharded.weights.json", "layers/functional")]
    [InlineData("frozen.h5", "small")]
    [InlineData("frozen_weights.h5", "small")]
    [InlineData("half_frozen.h5", "small")]
    [InlineData("half_frozen_weights.h5", "small")]
    [InlineData("renamed.h5", "small")]
    [InlineData("renamed_weights.h5", "small")]
    [InlineData("twice.keras", "layers/sequential/layers/functional")]
    [InlineData("twice.h5", "features/small")]
    [InlineData("twice.weights.h5", "layers/sequential/layers/functional")]
    public void A_nested_backbone_is_found_whatever_its_depth_and_the_order_of_its_weights(string file, string place)
    {
        var graph = Base();
        using var bound = WeightBinder.BindWithin(WeightFile.Open(Nested(file)), graph, leavesRest: true);
        Assert.Equal(SmallModel.Expected(graph), bound.ReadAll(graph));
        Assert.Equal(place, bound.NestedModel);
        Assert.Empty(bound.UnusedLayers);
    }

    [Theory]
    [InlineData("flat.keras", "hidden, hidden_bn, cats")]
    [InlineData("flat.h5", "hidden, hidden_bn, cats")]
    [InlineData("flat.weights.h5", "hidden_bn, hidden, cats")]
    [InlineData("before.keras", "second, colours, cats")]
    [InlineData("before.h5", "second, colours, cats")]
    public void Layers_before_and_after_a_backbone_in_the_same_model_are_left_and_named(string file, string unused)
    {
        var graph = Base();
        using var bound = WeightBinder.BindWithin(WeightFile.Open(Nested(file)), graph, leavesRest: true);
        Assert.Equal(SmallModel.Expected(graph), bound.ReadAll(graph));
        Assert.Null(bound.NestedModel);
        Assert.Equal(unused, string.Join(", ", bound.UnusedLayers));
    }

    [Theory]
    [InlineData("flat.keras")]
    [InlineData("flat.h5")]
    [InlineData("flat.weights.h5")]
    public void A_network_with_its_top_takes_no_weights_of_a_longer_model(string file) =>
        Assert.Throws<WeightsMismatchException>(() => WeightBinder.BindWithin(WeightFile.Open(Nested(file)), Base(), leavesRest: false));

    [Theory]
    [InlineData("siblings.keras")]
    [InlineData("siblings.weights.h5")]
    public void Two_nested_models_that_fit_are_refused_with_both_places(string file)
    {
        var e = Assert.Throws<WeightsMismatchException>(
            () => WeightBinder.BindWithin(WeightFile.Open(Nested(file)), Base(), leavesRest: true));
        Assert.All(
            [file, "'layers/functional' (left)", "'layers/functional_1' (right)", "small 2 times"],
            part => Assert.Contains(part, e.Message));
        Assert.Equal("2", e.Found);
    }

    [Fact]
    public void Variables_in_an_order_that_nothing_explains_are_refused()
    {
        var e = Assert.Throws<WeightsMismatchException>(
            () => WeightBinder.BindWithin(WeightFile.Open(Nested("half_frozen_renamed_weights.h5")), Base(), leavesRest: true));
        Assert.All(["'small'", "does not say in which order", "model.save"], part => Assert.Contains(part, e.Message));
    }

    [Theory]
    [InlineData("called.keras", "'layers/functional' (small)")]
    [InlineData("twice.h5", "'features/small'")]
    public void A_file_of_another_network_is_refused_with_the_models_that_it_holds(string file, string place)
    {
        var top = SmallModel.Build(firstFilters: 6);
        var e = Assert.Throws<WeightsMismatchException>(
            () => WeightBinder.BindWithin(WeightFile.Open(Nested(file)), new("other", top.Output.Inputs[0].Inputs[0]), leavesRest: true));
        Assert.All([file, place, "none is other", "weights show"], part => Assert.Contains(part, e.Message));
        Assert.Equal("c1", e.Layer);
    }

    [Fact]
    public void A_model_with_its_top_lends_its_first_layers_to_a_network_without()
    {
        var graph = Base();
        using var bound = WeightBinder.BindWithin(WeightFile.Open(SmallModel.File("keras3.weights.h5")), graph, leavesRest: true);
        Assert.Equal(SmallModel.Expected(graph), bound.ReadAll(graph));
        Assert.Equal(["predictions"], bound.UnusedLayers);
    }

    [Theory]
    [InlineData("../sharded_00000.weights.h5")]
    [InlineData("/etc/passwd")]
    [InlineData("C:sharded_00000.weights.h5")]
    [InlineData("..\\\\sharded_00000.weights.h5")]
    [InlineData("..")]
    [InlineData("")]
    public void A_shard_outside_the_folder_of_its_index_is_never_opened(string name)
    {
        var e = Assert.Throws<WeightsFormatException>(() => WeightFile.Open(Index(Sharded().Replace("sharded_00000.weights.h5", name))));
        Assert.Contains("not a file beside it", e.Message);
    }

    [Theory]
    [InlineData("{", "no index of shards")]
    [InlineData("[]", "no index of shards")]
    [InlineData("{\"weight_map\": {\"/layers/dense/vars\": 3}}", "no index of shards")]
    [InlineData("{\"weight_map\": {}}", "no shards")]
    [InlineData("{\"weight_map\": {\"/layers/dense/vars\": \"absent.weights.h5\"}}", "'absent.weights.h5' is missing")]
    public void An_index_that_Keras_did_not_write_is_refused(string json, string says)
    {
        var e = Assert.Throws<WeightsFormatException>(() => WeightFile.Open(Index(json)));
        Assert.Contains(says, e.Message);
    }

    [Fact]
    public void A_shard_that_lacks_a_listed_layer_or_a_variable_is_refused()
    {
        var more = Sharded().Replace("\"/layers/dense/vars\"", "\"/layers/dense_1/vars\"");
        Assert.Contains("'/layers/dense_1/vars'", Assert.Throws<WeightsFormatException>(() => WeightFile.Open(Index(more))).Message);
        var index = Index(Sharded());
        File.Copy(Nested("sharded_00001.weights.h5"), Path.Combine(_folder, "sharded_00000.weights.h5"), overwrite: true);
        Assert.Contains("not once", Assert.Throws<WeightsFormatException>(() => WeightFile.Open(index)).Message);
    }

    [Fact]
    public void Shards_have_a_fingerprint_that_changes_with_each_of_them()
    {
        using var bound = WeightBinder.BindWithin(WeightFile.Open(Nested("sharded.weights.json")), Base(), leavesRest: true);
        var index = Index(Sharded() + " ");
        using var other = WeightBinder.BindWithin(WeightFile.Open(index), Base(), leavesRest: true);
        Assert.NotEqual(bound.Fingerprint, other.Fingerprint);
    }

    private static string Nested(string file) => Goldens.Path("h5", "nested", file);

    private static string Sharded() => File.ReadAllText(Nested("sharded.weights.json"));

    private static LayerGraph Base() => new("small", SmallModel.Build().Output.Inputs[0].Inputs[0]);

    private string Index(string json)
    {
        foreach (var shard in Directory.GetFiles(Goldens.Path("h5", "nested"), "sharded_*"))
            File.Copy(shard, Path.Combine(_folder, Path.GetFileName(shard)), overwrite: true);
        var path = Path.Combine(_folder, "sharded.weights.json");
        File.WriteAllText(path, json);
        return path;
    }
}
