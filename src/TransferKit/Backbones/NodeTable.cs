using TransferKit.Onnx.Reading;

namespace TransferKit.Backbones;

/// <summary>Lists the nodes of an ONNX file as the layers of a summary. A tensor counts at the first node that reads it.</summary>
internal static class NodeTable
{
    public static ModelSummary Of(OnnxFile file)
    {
        var graph = file.Proto.Graph;
        var weights = file.Weights.Select(w => new KeyValuePair<string, long[]>(w.Name, [.. w.Dimensions]))
            .Concat(graph.Initializer.Select(i => new KeyValuePair<string, long[]>(i.Name, [.. i.Dims])))
            .DistinctBy(w => w.Key)
            .ToDictionary();
        var declared = FileOutput.DeclaredIn(file);
        var makers = new Dictionary<string, string>();
        var layers = new List<LayerInfo>();
        foreach (var (i, node) in graph.Node.Index())
        {
            var name = node.Name.Length > 0 ? node.Name : $"{node.OpType}_{i}";
            var own = new List<WeightInfo>();
            foreach (var input in node.Input)
            {
                if (weights.Remove(input, out var dimensions))
                    own.Add(new(input, [.. dimensions.Select(d => (int)Math.Clamp(d, 0, int.MaxValue))]));
            }
            layers.Add(new(name, node.OpType)
            {
                OutputShape = node.Output.Count > 0 && declared.TryGetValue(node.Output[0], out var value) ? value.Dimensions : [],
                Parameters = own.Sum(w => w.Shape.Aggregate(1L, (product, d) => product * d)),
                Inbound = [.. node.Input.Where(makers.ContainsKey).Select(v => makers[v])],
                Weights = own,
            });
            foreach (var output in node.Output)
                makers[output] = name;
        }
        return new(file.Name, layers);
    }
}
