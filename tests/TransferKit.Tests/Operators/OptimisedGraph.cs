using Onnx;
using TransferKit.Engine;
using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Operators;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Operators;

/// <summary>Compiles small graphs with our operators, and compares them with ONNX Runtime's.</summary>
internal static class OptimisedGraph
{
    public static void SkipWhereUnsupported() =>
        Assert.SkipUnless(CustomOperators.AreSupported, "This processor has no fused products of vectors.");

    /// <summary>Returns the nodes that the engine runs. Those of our operators must have told their shapes.</summary>
    public static IEnumerable<NodeProto> Optimised(OnnxModel model)
    {
        using var weights = new FormulaWeights(0.8);
        using var folder = new CompiledModelCache(null).Open(
            ModelRequest.Of(model, ""), weights, optimise: true, TestContext.Current.CancellationToken);
        OperatorShapes.Check(folder.ModelPath);
        return ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder.ModelPath)).Graph.Node;
    }

    /// <summary>
    /// Requires that a graph computes what it computes with ONNX Runtime's operators alone. Returns the operators that the engine runs.
    /// </summary>
    public static string[] Check(LayerGraph graph, int n)
    {
        SkipWhereUnsupported();
        var ours = OnnxWriter.TranslateForEngine(graph, [graph.Output]);
        var pixels = Numbers(n, graph.Input.OutputShape.Height, graph.Input.OutputShape.Width);
        AssertClose(Run(OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar), pixels)[0], Run(ours, pixels)[0]);
        return [.. Optimised(ours).Select(node => node.OpType)];
    }

    /// <summary>Adds channels in blocks, which the three of the input do not fill.</summary>
    public static Layer Wide(GraphBuilder builder, Layer input, int channels) =>
        builder.Add(new Conv2D(channels, 1, 1, Padding.Same), "wide", input);

    /// <summary>Adds a convolution, before which the engine fuses what it fuses into another one.</summary>
    public static Layer Narrow(GraphBuilder builder, Layer input) =>
        builder.Add(new Conv2D(16, 1, 1, Padding.Same), "narrow", input);
}
