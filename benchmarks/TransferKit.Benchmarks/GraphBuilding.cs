using BenchmarkDotNet.Attributes;

namespace TransferKit.Benchmarks;

/// <summary>
/// Measures <c>Backbone.Summary</c>, which builds the layer graph with shapes, weight slots and order, and sums the table.
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
