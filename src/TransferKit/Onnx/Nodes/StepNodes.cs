using TransferKit.Graph;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Nodes;

/// <summary>Writes the nodes of each kind of operation.</summary>
internal static class StepNodes
{
    /// <summary>Writes a step and returns the layout of its output.</summary>
    public static Layout Write(GraphWriter writer, Step step, InputForm input) => step.Op switch
    {
        InputLayer => InputNodes.Write(writer, step, input),
        Conv2D op => ConvolutionNodes.Write(writer, step, op),
        DepthwiseConv2D op => ConvolutionNodes.Write(writer, step, op),
        Dense op => DenseNodes.Write(writer, step, op),
        BatchNormalization op => NormalizationNodes.Write(writer, step, op),
        LayerNormalization op => NormalizationNodes.Write(writer, step, op),
        LayerScale op => NormalizationNodes.Write(writer, step, op),
        Normalization op => NormalizationNodes.Write(writer, step, op),
        MaxPooling2D op => PoolingNodes.Write(writer, step, op),
        AveragePooling2D op => PoolingNodes.Write(writer, step, op),
        GlobalPooling2D op => PoolingNodes.Write(writer, step, op),
        Activation op => ElementwiseNodes.Write(writer, step, op),
        ReLU op => ElementwiseNodes.Write(writer, step, op),
        Rescaling op => ElementwiseNodes.Write(writer, step, op),
        AddConstant op => ElementwiseNodes.Write(writer, step, op),
        MultiplyConstant op => ElementwiseNodes.Write(writer, step, op),
        Add op => MergingNodes.Write(writer, step, op),
        Multiply op => MergingNodes.Write(writer, step, op),
        CustomScaleLayer op => MergingNodes.Write(writer, step, op),
        Concatenate op => MergingNodes.Write(writer, step, op),
        ZeroPadding2D op => ShapeNodes.Write(writer, step, op),
        Cropping2D op => ShapeNodes.Write(writer, step, op),
        Flatten or Reshape => ShapeNodes.WriteReshape(writer, step),
        _ => throw new NotSupportedException($"Layer '{step.Layer.Name}' ({step.Op.TypeName}) has no translation to ONNX."),
    };
}
