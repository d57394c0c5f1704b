using BenchmarkDotNet.Attributes;

namespace TransferKit.Benchmarks;

/// <summary>
/// From a name to the whole layer graph with its shapes, weight slots and order, and the table's sums: what
/// <c>Backbone.Summary</c> does. The largest networks take less than 50 ms.
/// </summary>
[MemoryDiagnoser]
public class GraphBuilding
{
    private static readonly BackboneOptions Random = new() { Weights = Weights.None };

    [Params("vgg16", "resnet50", "nasnet_large", "efficientnet_b7", "efficientnet_v2_l", "convnext_xlarge")]
    public string Name { get; set; } = "";

    [Benchmark]
    public long Build() => Backbone.Summary(Name, Random).TotalParameters;
}
