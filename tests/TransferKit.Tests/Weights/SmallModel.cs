using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Tests.WeightSources;

/// <summary>Builds the model of <c>tests/goldens/h5</c>.</summary>
internal static class SmallModel
{
    public static LayerGraph Build(int firstFilters = 4)
    {
        var g = new GraphBuilder(8, 8);
        var x = g.Add(new Conv2D(firstFilters, 3, 1, Padding.Valid), "c1", g.Input);
        x = g.Add(new BatchNormalization(), "bn1", x);
        x = g.Add(new Conv2D(5, 1, 1, Padding.Valid) { UseBias = false }, "c2", x);
        x = g.Add(new Normalization(), "norm", x);
        x = g.Add(new GlobalAveragePooling2D(), "pool", x);
        return new LayerGraph("small", g.Add(new Dense(2), "predictions", x));
    }

    public static LayerGraph BuildNested()
    {
        var g = new GraphBuilder(8, 8);
        var x = g.Add(
            new Sequential([new Conv2D(4, 1, 1, Padding.Valid), new LayerNormalization()]), "stem", g.Input);
        return new LayerGraph("nested", g.Add(new Sequential([new Conv2D(2, 1, 1, Padding.Valid)]), "end", x));
    }

    public static string File(string name) => Goldens.Path("h5", name);

    public static float[] Read(this IWeightSource source, Layer layer, WeightSlot slot, long start = 0, int? length = null)
    {
        var numbers = new float[length ?? slot.Count - start];
        source.Read(layer, slot, start, numbers);
        return numbers;
    }

    /// <summary>Gets all weights in Keras' order, one array each.</summary>
    public static float[][] ReadAll(this IWeightSource source, LayerGraph graph) =>
        [.. graph.Layers.SelectMany(l => l.Weights.Select(w => source.Read(l, w)))];

    /// <summary>Gets the values of the goldens: the n-th weight holds 100 n, 100 n + 1, ….</summary>
    public static float[][] Expected(LayerGraph graph) =>
        [.. graph.Layers.SelectMany(l => l.Weights)
            .Select((w, n) => Enumerable.Range(0, (int)w.Count).Select(i => 100f * n + i).ToArray())];
}
