using System.Runtime.InteropServices;
using Onnx;
using TransferKit.Engine;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Tests.Architectures;

namespace TransferKit.Tests.Engine;

/// <summary>
/// Tests the nodes of each family's model after ONNX Runtime's optimisation. These lists name the nodes outside fused
/// kernels, and docs/optimised-models.md explains them.
/// </summary>
public class OptimisedModelTests
{
    // ONNX Runtime fuses sums and activations only on processors for which it has blocked layouts.
    private const string Usual =
        "Conv MaxPool AveragePool GlobalAveragePool Flatten Concat Add Relu Clip ReorderInput ReorderOutput";

    // Blocks are made from channels that stand last, without a transposition between.
    private static readonly string TurnedOver =
        RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64 ? "" : "Transpose";

    public static TheoryData<string> Families => AllArchitectures.Families;

    [Theory, MemberData(nameof(Families))]
    public void Only_nodes_that_have_a_reason_run_outside_fused_kernels(string name)
    {
        var allowed = $"{Usual} " + name switch
        {
            "densenet121" => "BatchNormalization",
            "resnet50v2" => "BatchNormalization Max",
            "nasnet_mobile" => "BatchNormalization Pad Slice",
            "mobilenet_v3_small" => "Mul HardSwish HardSigmoid",
            "efficientnet_b0" or "efficientnet_v2_b0" => "Sub Div Mul QuickGelu Sigmoid",
            "convnext_tiny" => $"Sub Div MatMul BiasGelu LayerNormalization ReduceMean {TurnedOver}",
            _ => "",
        };

        var types = OptimisedNodes(name).Select(n => n.OpType is "FusedConv" ? "Conv" : n.OpType).Distinct();

        Assert.Subset(allowed.Split(' ').ToHashSet(), types.ToHashSet());
    }

    private static IEnumerable<NodeProto> OptimisedNodes(string name)
    {
        var graph = AllArchitectures.Build(name, o => o with { IncludeTop = false, Pooling = Pooling.Avg });
        var folder = Directory.CreateTempSubdirectory("transferkit-");
        try
        {
            var path = Path.Combine(folder.FullName, "optimised.onnx");
            using var weights = new FormulaWeights(0.8);
            OnnxEngine.Load(
                OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar), weights,
                o => o.OptimizedModelFilePath = path).Dispose();
            return ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph.Node;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
