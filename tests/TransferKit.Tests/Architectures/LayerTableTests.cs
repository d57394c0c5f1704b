using System.Text.Json;
using TransferKit.Graph;

namespace TransferKit.Tests.Architectures;

public class LayerTableTests
{
    public static TheoryData<string> OfKeras => AllArchitectures.OfKeras;

    [Theory, MemberData(nameof(OfKeras))]
    public void The_layer_table_with_top_equals_Keras(string name)
    {
        var golden = BackboneGolden.Load(name);
        var graph = Build(name, includeTop: true);

        Assert.Equal(golden.LayersTop.Select(Describe), graph.Layers.Select(Describe));
        Assert.Equal(golden.TotalParams, graph.TotalParameters);
        Assert.Equal(golden.TrainableParams, graph.TrainableParameters);
    }

    [Theory, MemberData(nameof(OfKeras))]
    public void The_layer_order_without_top_equals_Keras(string name)
    {
        var golden = BackboneGolden.Load(name);
        var graph = Build(name, includeTop: false);

        Assert.Equal(golden.LayerOrderNotop, graph.Layers.Select(l => l.Name));
        Assert.Equal(golden.NotopParams, graph.TotalParameters);
    }

    private static LayerGraph Build(string name, bool includeTop) => AllArchitectures.Build(name, o => o with
    {
        IncludeTop = includeTop,
        Pooling = includeTop ? Pooling.None : Pooling.Avg,
        ClassifierActivation = ClassifierActivation.None,
    });

    private static string Describe(GoldenLayer l) => string.Join(" | ",
        l.Name, l.Type, string.Join(",", l.Inbound), $"({string.Join(", ", l.OutputShape.Select(d => d?.ToString() ?? "None"))})",
        string.Join(" ", l.Weights.Select(w => $"{w[0]}({string.Join(",", w[1].EnumerateArray())}){w[2].GetBoolean()}")),
        string.Join(" ", l.Config.EnumerateObject().Select(p => $"{p.Name}={Normal(p.Value)}").Order(StringComparer.Ordinal)));

    private static string Describe(Layer l) => string.Join(" | ",
        l.Name, l.Op.TypeName, string.Join(",", l.Inputs.Select(i => i.Name)), l.OutputShape.ToString(),
        string.Join(" ", l.Weights.Select(w => $"{w.Kind}({string.Join(",", w.Shape)}){w.Trainable}")),
        string.Join(
            " ", l.Op.Config.Select(p => $"{p.Key}={Normal(JsonSerializer.SerializeToElement(p.Value))}").Order(StringComparer.Ordinal)));

    // 6 and 6.0 are one number; no activation and Keras' "linear" are one activation.
    private static string Normal(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble().ToString("R"),
        JsonValueKind.Array => $"[{string.Join(",", value.EnumerateArray().Select(Normal))}]",
        JsonValueKind.Null => "linear",
        _ => value.ToString(),
    };
}
