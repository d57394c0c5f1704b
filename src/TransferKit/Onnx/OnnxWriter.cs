using Onnx;
using TransferKit.Graph;
using TransferKit.Onnx.Nodes;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Rewrites;
using TransferKit.Operators;

namespace TransferKit.Onnx;

/// <summary>
/// Translates a graph of Keras layers into an ONNX model. Its outputs are those of the requested layers, under their Keras names and
/// in Keras' order of dimensions.
/// </summary>
internal static class OnnxWriter
{
    public const int OperatorSet = 17;
    public const int IrVersion = 8;

    /// <summary>Translates to standard operators only, which any ONNX engine runs.</summary>
    public static OnnxModel Translate(LayerGraph graph, IReadOnlyList<Layer> outputs, InputForm input) =>
        Write(Rewritten(graph, outputs), graph, input);

    /// <summary>Translates for our own engine, which may add custom operators if this processor supports them.</summary>
    public static OnnxModel TranslateForEngine(LayerGraph graph, IReadOnlyList<Layer> outputs) =>
        Translate(graph, outputs, InputForm.Planar) with { HasMaps = CustomOperators.AreSupported };

    /// <summary>Lets our own engine add custom operators to an int8 model if this processor supports them.</summary>
    public static OnnxModel ForEngine(OnnxModel int8) => int8 with { HasBytes = ByteConvolution.IsSupported };

    /// <summary>Translates layer by layer without rewrites, as the reference for their tests.</summary>
    public static OnnxModel TranslatePlainly(LayerGraph graph, IReadOnlyList<Layer> outputs, InputForm input) =>
        Write(Lowering.Lower(graph, outputs), graph, input);

    private static LoweredGraph Rewritten(LayerGraph graph, IReadOnlyList<Layer> outputs)
    {
        var lowered = Lowering.Lower(graph, outputs);
        foreach (var rewrite in RewriteList.All)
            rewrite.Apply(lowered);
        return lowered;
    }

    private static OnnxModel Write(LoweredGraph lowered, LayerGraph graph, InputForm input)
    {
        // A requested map is transposed to Keras' order at the end, and only the transposed value has the layer's name.
        foreach (var (layer, step) in lowered.Outputs)
        {
            if (step.ValueName == layer.Name && (step.OutputShape.IsMap || step.Op is InputLayer))
                step.ValueName += "/value";
        }

        var writer = new GraphWriter(graph.Name);
        foreach (var step in lowered.Steps)
            writer.Made(step, StepNodes.Write(writer, step, input));
        foreach (var (layer, step) in lowered.Outputs)
            WriteOutput(writer, layer, step);

        return new OnnxModel
        {
            Name = graph.Name,
            Proto = new ModelProto
            {
                IrVersion = IrVersion,
                OpsetImport = { new OperatorSetIdProto { Domain = "", Version = OperatorSet } },
                ProducerName = "TransferKit",
                Graph = writer.Graph,
            },
            Weights = [.. writer.Weights],
            Input = graph.Input.OutputShape,
            Outputs = [.. lowered.Outputs.Select(o => new ModelOutput(o.Layer.Name, o.Layer.OutputShape))],
        };
    }

    private static void WriteOutput(GraphWriter writer, Layer layer, Step step)
    {
        if (step.ValueName != layer.Name)
        {
            var isTransposed = step.OutputShape.IsMap && writer.LayoutOf(step) == Layout.ChannelsFirst;
            if (isTransposed)
                writer.Transpose(layer.Name, step.ValueName, Layout.ChannelsLast);
            else
                writer.Node("Identity", layer.Name + "/output", layer.Name, [step.ValueName]);
        }
        writer.Graph.Output.Add(ValueInfos.Tensor(layer.Name, layer.OutputShape.Dimensions.AsSpan()));
    }
}
