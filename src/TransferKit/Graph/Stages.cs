using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>Represents the last layer of one resolution, whose output serves as that resolution's features.</summary>
/// <param name="Layer">The layer. Its shape has the channels.</param>
/// <param name="Reduction">The factor from the input's side to the output's: 2, 4, 8, ….</param>
internal sealed record Stage(Layer Layer, int Reduction);

/// <summary>
/// Finds the resolutions of a backbone. A stage's layer is the last one that all paths pass through before the next downsampling; padding
/// layers are skipped. In NASNet no layer of a resolution has all paths, so the last of the widest merging layers is used.
/// </summary>
internal static class Stages
{
    public static ImmutableArray<Stage> Of(LayerGraph graph)
    {
        var reductions = Reductions(graph);
        var isWaist = Waists(graph);

        var first = Find(graph, l => l.Weights.Any(w => w.IsKernel), 0);
        var end = Find(graph, l => l.Op is GlobalPooling2D or Flatten, first, isWaist);
        return
        [
            .. Enumerable.Range(first, end - first)
                .Where(i => graph.Layers[i].Op is not ZeroPadding2D)
                .GroupBy(i => reductions[graph.Layers[i]])
                .OrderBy(g => g.Key)
                .Select(g => new Stage(graph.Layers[Last(graph, [.. g], isWaist)], g.Key)),
        ];
    }

    private static int Last(LayerGraph graph, int[] layers, bool[] isWaist)
    {
        var waist = layers.LastOrDefault(i => isWaist[i], -1);
        return waist >= 0
            ? waist
            : layers.Where(i => graph.Layers[i].Inputs.Length > 1).Reverse().MaxBy(i => graph.Layers[i].OutputShape.Channels);
    }

    private static int Find(LayerGraph graph, Func<Layer, bool> condition, int from, bool[]? among = null)
    {
        for (var i = from; i < graph.Layers.Length; i++)
        {
            if (among?[i] != false && condition(graph.Layers[i]))
                return i;
        }
        return graph.Layers.Length;
    }

    /// <summary>Gets, for each layer in order, whether no layer after it reads a layer before it.</summary>
    private static bool[] Waists(LayerGraph graph)
    {
        var lastReader = new Dictionary<Layer, int>();
        for (var i = 0; i < graph.Layers.Length; i++)
        {
            foreach (var input in graph.Layers[i].Inputs)
                lastReader[input] = i;
        }

        var isWaist = new bool[graph.Layers.Length];
        var furthest = 0;
        for (var i = 0; i < isWaist.Length; i++)
        {
            isWaist[i] = furthest <= i;
            furthest = Math.Max(furthest, lastReader.GetValueOrDefault(graph.Layers[i]));
        }
        return isWaist;
    }

    /// <summary>Gets the factor from the input's side to the output's, for each layer.</summary>
    /// <remarks>
    /// The factors follow from strides, because the rounded sizes of a small input would distort them. Layers after an enlargement have
    /// none.
    /// </remarks>
    public static Dictionary<Layer, int> Reductions(LayerGraph graph)
    {
        var reductions = new Dictionary<Layer, int>();
        foreach (var layer in graph.Layers)
        {
            if (layer.Op is not (Conv2DTranspose or UpSampling2D or Resizing) && layer.Inputs.All(reductions.ContainsKey))
                reductions[layer] = Largest(layer.Inputs) * Stride(layer.Op);
        }
        return reductions;

        int Largest(ImmutableArray<Layer> inputs)
        {
            var largest = 1;
            foreach (var input in inputs)
                largest = Math.Max(largest, reductions[input]);
            return largest;
        }
    }

    private static int Stride(LayerOp op) => op switch
    {
        Conv2D c => c.Strides.Height,
        DepthwiseConv2D c => c.Strides.Height,
        SeparableConv2D c => c.Strides.Height,
        Pooling2D p => p.Strides.Height,
        Sequential s => s.Steps.Aggregate(1, (product, step) => product * Stride(step)),
        _ => 1,
    };
}
