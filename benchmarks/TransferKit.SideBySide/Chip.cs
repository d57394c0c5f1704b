using TransferKit.Backbones;

namespace TransferKit.SideBySide;

/// <summary>
/// Compares networks with the peak of this processor (<see cref="Peak"/>). The direct peak counts each multiply-add of a kernel. The
/// Winograd peak counts a quarter of those of 3x3 convolutions with stride 1, in floats alone.
/// </summary>
internal static class Chip
{
    private const double LeastShare = 0.03;

    /// <param name="names">The networks.</param>
    /// <param name="isInt8">Whether they compute in int8.</param>
    /// <param name="json">The file for the first table as JSON; null for none.</param>
    public static void Run(IReadOnlyList<string> names, bool isInt8, string? json)
    {
        var peak = isInt8 ? Peak.Bytes : Peak.Floats;
        var nodes = new Dictionary<string, NodeTime[]>();
        string[] columns = ["network", "multiply-adds, G", "images a second of one core", "of the direct peak"];
        var whole = new Table(isInt8 ? columns : [.. columns, "of the Winograd peak"]);
        foreach (var name in names)
        {
            var (all, seconds) = NodeTimes.Of(BackbonePlan.Of(name, Options(name, isInt8)));
            nodes[name] = all;
            double Share(Func<NodeTime, double> multiplyAdds) => all.Sum(multiplyAdds) / seconds / peak;
            object[] row = [name, all.Sum(n => n.Direct) / 1e9, 1 / seconds, Share(n => n.Direct)];
            whole.Add(isInt8 ? row : [.. row, Share(n => n.Winograd)]);
        }
        whole.Save(json);
        Console.WriteLine();

        LayerKind[] kinds = Enum.GetValues<LayerKind>();
        var byKind = new Table(["network", .. kinds.SelectMany(k => new[] { $"{Name(k)}, of the time", $"{Name(k)}, of its peak" })]);
        foreach (var (name, all) in nodes)
            byKind.Add([name, .. kinds.SelectMany(kind => Cells(all.Where(n => n.Kind == kind), all))]);

        Console.WriteLine();
        var byLayer = new Table("network", "layer", "of them", "of the time", "of its peak");
        foreach (var (name, all) in nodes)
        {
            foreach (var layer in all.GroupBy(n => n.Layer).OrderByDescending(g => g.Sum(n => n.Seconds)))
            {
                if (layer.Sum(n => n.Seconds) >= LeastShare * all.Sum(n => n.Seconds))
                    byLayer.Add([name, layer.Key, layer.Count(), .. Cells(layer, all)]);
            }
        }

        object[] Cells(IEnumerable<NodeTime> some, NodeTime[] all)
        {
            var (seconds, multiplyAdds) = (some.Sum(n => n.Seconds), some.Sum(n => n.Winograd));
            return [$"{seconds / all.Sum(n => n.Seconds):P0}", multiplyAdds > 0 ? multiplyAdds / seconds / peak : ""];
        }
    }

    private static BackboneOptions Options(string name, bool isInt8)
    {
        var floats =
            new BackboneOptions { IncludeTop = false, Pooling = Pooling.Avg, Weights = Weights.Random(1), CacheCompiledModel = false };
        if (!isInt8)
            return floats;
        var noise = Int8.Noise(BackbonePlan.Of(name, floats).InputSize);
        return floats with { Precision = Precision.Int8, Calibration = Calibration.Of(noise) };
    }

    private static string Name(LayerKind kind) => kind switch
    {
        LayerKind.ThreeByThree => "3x3",
        LayerKind.OneByOne => "1x1",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
