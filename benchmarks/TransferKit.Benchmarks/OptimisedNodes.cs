using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace TransferKit.Benchmarks;

/// <summary>
/// Counts the nodes of each network's optimised model on this machine by type. The counts show nodes outside fused kernels:
/// transpositions, normalisations, multiplications.
/// </summary>
internal static class OptimisedNodes
{
    public static void Run(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            var counts = Read(name).Graph.Node.GroupBy(Describe)
                .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal);
            Console.WriteLine($"| {name} | {string.Join(", ", counts.Select(g => $"{g.Count()} {g.Key}"))} |");
        }
    }

    /// <summary>Reads the optimised model of a network without its top.</summary>
    public static ModelProto Read(string name)
    {
        var folder = Directory.CreateTempSubdirectory("transferkit-");
        try
        {
            var path = Path.Combine(folder.FullName, "optimised.onnx");
            Backbone.Load(name, new()
            {
                IncludeTop = false,
                Pooling = Pooling.Avg,
                Weights = Weights.None,
                CacheCompiledModel = false,
                ConfigureSession = o =>
                {
                    o.OptimizedModelFilePath = path;
                    o.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR;
                },
            }).Dispose();
            return ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // The labels tell fused activations, fused sums (Conv+) and grouped convolutions apart.
    private static string Describe(NodeProto node)
    {
        if (node.OpType is not ("Conv" or "FusedConv"))
            return node.OpType;
        var activation = node.Attribute.FirstOrDefault(a => a.Name == "activation")?.S.ToStringUtf8();
        var depthwise = node.Attribute.Any(a => a.Name == "group" && a.I > 1) ? "grouped " : "";
        return $"{depthwise}Conv{(node.Input.Count > 3 ? "+Add" : "")}{(activation is null ? "" : $"+{activation}")}";
    }
}
