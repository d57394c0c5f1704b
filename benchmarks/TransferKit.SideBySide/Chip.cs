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
            var all = nodes[name] = NodeTimes.Of(BackbonePlan.Of(name, options));
            var seconds = all.Sum(n => n.Seconds);
            whole.Add(
                name, all.Sum(n => n.Direct) / 1e9, 1 / seconds, Share(all, n => n.Direct),
                Share(all, n => n.Winograd));
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

    private static object[] Cells(NodeTime[] nodes, double all) =>
    [
        $"{nodes.Sum(n => n.Seconds) / all:P0}", nodes.Sum(n => n.Winograd) > 0 ? Share(nodes, n => n.Winograd) : "",
    ];

    private static double Share(NodeTime[] nodes, Func<NodeTime, double> multiplyAdds) =>
        nodes.Sum(multiplyAdds) / nodes.Sum(n => n.Seconds) / Peak.Floats;

    private static string Name(LayerKind kind) => kind switch
    {
        LayerKind.ThreeByThree => "3x3",
        LayerKind.OneByOne => "1x1",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
