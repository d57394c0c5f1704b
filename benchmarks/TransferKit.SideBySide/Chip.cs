using TransferKit.Backbones;

namespace TransferKit.SideBySide;

/// <summary>
/// Compares networks with the peak of this processor (<see cref="Peak"/>). The direct peak counts each multiply-add of a kernel. The
/// Winograd peak counts a quarter of those of 3x3 convolutions with stride 1.
/// </summary>
internal static class Chip
{
    public static void Run(IReadOnlyList<string> names, string? json)
    {
        var nodes = new Dictionary<string, NodeTime[]>();
        var whole = new Table(
            "network", "multiply-adds, G", "images a second of one core", "of the direct peak", "of the Winograd peak");
        foreach (var name in names)
        {
            var options =
                new BackboneOptions { IncludeTop = false, Pooling = Pooling.Avg, Weights = Weights.Random(1), CacheCompiledModel = false };
            var (all, seconds) = NodeTimes.Of(BackbonePlan.Of(name, options));
            nodes[name] = all;
            whole.Add(
                name, all.Sum(n => n.Direct) / 1e9, 1 / seconds, Share(all.Sum(n => n.Direct), seconds),
                Share(all.Sum(n => n.Winograd), seconds));
        }
        whole.Save(json);
        Console.WriteLine();

        LayerKind[] kinds = Enum.GetValues<LayerKind>();
        var layers = new Table(["network", .. kinds.SelectMany(k => new[] { $"{Name(k)}, of the time", $"{Name(k)}, of its peak" })]);
        foreach (var (name, all) in nodes)
        {
            var seconds = all.Sum(n => n.Seconds);
            layers.Add([name, .. kinds.SelectMany(kind => Cells([.. all.Where(n => n.Kind == kind)], seconds))]);
        }
    }

    private static object[] Cells(NodeTime[] nodes, double all)
    {
        var (seconds, multiplyAdds) = (nodes.Sum(n => n.Seconds), nodes.Sum(n => n.Winograd));
        return [$"{seconds / all:P0}", multiplyAdds > 0 ? Share(multiplyAdds, seconds) : ""];
    }

    private static double Share(double multiplyAdds, double seconds) => multiplyAdds / seconds / Peak.Floats;

    private static string Name(LayerKind kind) => kind switch
    {
        LayerKind.ThreeByThree => "3x3",
        LayerKind.OneByOne => "1x1",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
