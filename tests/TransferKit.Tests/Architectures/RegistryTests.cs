using System.Text.Json;
using TransferKit.Architectures;

namespace TransferKit.Tests.Architectures;

public class RegistryTests
{
    public static TheoryData<string> All => AllArchitectures.Names;
    public static TheoryData<string> OfKeras => AllArchitectures.OfKeras;

    [Fact]
    public void Every_application_of_Keras_has_a_row_and_no_other_row_has_ImageNet_weights()
    {
        var others = Registry.All.ToDictionary(a => a.Name);
        Assert.All(BackboneGolden.Names, name => Assert.True(others.Remove(name), name));
        Assert.All(others.Values, a => Assert.DoesNotContain(a.WeightsKey(AllArchitectures.Defaults(a.Name)), KerasWeights.Keys));
    }

    [Fact]
    public void A_network_that_Keras_does_not_have_is_described_without_weights()
    {
        var info = new BackboneInfo(AllArchitectures.Named("vgg16") with { Name = "vgg99", KerasName = "VGG99" });

        Assert.Equal((null, null), (info.WeightsFile, info.WeightsFileNoTop));
        Assert.False(info.IsCached(includeTop: true));
        Assert.Equal(512, info.Features);
    }

    [Fact]
    public void Keras_names_are_unique() =>
        Assert.Equal(Registry.All.Length, Registry.All.Select(a => a.KerasName).Distinct().Count());

    [Fact]
    public void Every_application_is_found_by_both_of_its_names_in_any_case() => Assert.All(Registry.All, a =>
    {
        Assert.Same(a, Registry.Find(a.Name.ToUpperInvariant()));
        Assert.Same(a, Registry.Find(a.KerasName.ToLowerInvariant()));
    });

    [Fact]
    public void Every_network_has_weights_of_width_1() => Assert.All(Registry.All, a => Assert.Contains(1, a.WeightAlphas));

    [Theory, MemberData(nameof(OfKeras))]
    public void The_facts_of_a_row_equal_Keras(string name)
    {
        var (golden, row) = (BackboneGolden.Load(name), AllArchitectures.Named(name));

        Assert.Equal((golden.DefaultSize[0], golden.DefaultSize[1]), row.DefaultSize);
        Assert.Equal(golden.Preprocess ?? "none", row.Preprocess.ToString(), ignoreCase: true);
        Assert.StartsWith("https://arxiv.org/abs/", row.Paper.Url, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(OfKeras))]
    public void The_output_shape_of_each_case_equals_Keras(string name)
    {
        foreach (var c in BackboneGolden.Load(name).Cases)
        {
            var graph = AllArchitectures.Build(name, o => o with
            {
                InputSize = (c.InputSize[0], c.InputSize[1]),
                IncludeTop = c.IncludeTop,
                Classes = c.Classes ?? 1000,
                Pooling = Enum.Parse<Pooling>(c.Pooling ?? "none", ignoreCase: true),
            });
            Assert.Equal(c.Output.Shape[1..], graph.Output.OutputShape.Dimensions);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void The_smallest_input_makes_a_graph(string name)
    {
        var side = AllArchitectures.Named(name).MinSize;
        var graph = AllArchitectures.Build(name, o => o with { InputSize = (side, side), IncludeTop = false });
        Assert.True(graph.Output.OutputShape.Count > 0);
    }

    [Theory, MemberData(nameof(OfKeras))]
    public void The_default_options_have_ImageNet_weights(string name) =>
        Assert.Contains(AllArchitectures.Named(name).WeightsKey(AllArchitectures.Defaults(name)), KerasWeights.Keys);

    [Fact]
    public void Each_of_Keras_weight_files_is_reached_by_some_options()
    {
        var reached = BackboneGolden.Names.Select(AllArchitectures.Named).SelectMany(WeightOptions, (a, o) => a.WeightsKey(o)!).ToHashSet();
        Assert.Subset(KerasWeights.Keys.ToHashSet(), reached);

        // Keras' plain name and its default width and size are two keys of the same files.
        var files = reached.Select(key => KerasWeights[key]).ToHashSet();
        Assert.All(KerasWeights, entry => Assert.Contains(entry.Value, files));
    }

    [Theory]
    [InlineData("mobilenet", 0.5, 160, 160, "mobilenet(alpha=0.5,size=160)")]
    [InlineData("mobilenet", 0.5, 96, 96, "mobilenet(alpha=0.5,size=224)")]
    [InlineData("mobilenet_v2", 0.35, 96, 96, "mobilenet_v2(alpha=0.35,size=96)")]
    [InlineData("mobilenet_v2", 1.4, 160, 192, "mobilenet_v2(alpha=1.4,size=224)")]
    [InlineData("mobilenet_v2", 1.0, 500, 500, "mobilenet_v2(alpha=1.0,size=224)")]
    [InlineData("mobilenet_v2", 0.6, 224, 224, null)]
    [InlineData("mobilenet_v3_small", 0.75, 300, 300, "mobilenet_v3_small(alpha=0.75,minimalistic=False)")]
    public void Width_and_size_choose_the_weights(string name, double alpha, int height, int width, string? key) =>
        Assert.Equal(key, AllArchitectures.Named(name).WeightsKey(new() { InputSize = (height, width), Alpha = alpha }));

    [Fact]
    public void Minimalistic_networks_have_weights_of_full_width_only()
    {
        var row = AllArchitectures.Named("mobilenet_v3_large");
        var options = AllArchitectures.Defaults(row.Name) with { Minimalistic = true };
        Assert.Equal("mobilenet_v3_large(alpha=1.0,minimalistic=True)", row.WeightsKey(options));
        Assert.Null(row.WeightsKey(options with { Alpha = 0.75 }));
    }

    private static readonly Dictionary<string, (string? Top, string? WithoutTop)> KerasWeights = LoadKerasWeights();

    private static IEnumerable<BuildOptions> WeightOptions(Architecture a) =>
        from side in a.WeightSides.DefaultIfEmpty(a.DefaultSize.Height)
        from minimalistic in a.Options.HasFlag(FamilyOptions.Minimalistic) ? new bool?[] { null, true } : [null]
        from alpha in a.AlphasWithWeights(new() { InputSize = a.DefaultSize, Minimalistic = minimalistic })
        select new BuildOptions { InputSize = (side, side), Alpha = alpha, Minimalistic = minimalistic };

    private static Dictionary<string, (string?, string?)> LoadKerasWeights()
    {
        using var file = File.OpenRead(Goldens.Path("..", "..", "src", "TransferKit", "keras-weights.json"));
        using var json = JsonDocument.Parse(file);
        return json.RootElement.EnumerateObject().ToDictionary(e => e.Name, e => (Url(e.Value, "top"), Url(e.Value, "notop")));

        static string? Url(JsonElement entry, string part) => entry.GetProperty(part).GetProperty("url").GetString();
    }
}
