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
        Conv2DTranspose op => ConvolutionNodes.Write(writer, step, op),
        Dense op => DenseNodes.Write(writer, step, op),
        BatchNormalization op => NormalizationNodes.Write(writer, step, op),
        LayerNormalization op => NormalizationNodes.Write(writer, step, op),
        GroupNormalization op => NormalizationNodes.Write(writer, step, op),
        UnitNormalization op => NormalizationNodes.Write(writer, step, op),
        LayerScale op => NormalizationNodes.Write(writer, step, op),
        Normalization op => NormalizationNodes.Write(writer, step, op),
        MaxPooling2D op => PoolingNodes.Write(writer, step, op),
        AveragePooling2D op => PoolingNodes.Write(writer, step, op),
        GlobalPooling2D op => PoolingNodes.Write(writer, step, op),
        Activation op => ActivationNodes.Write(writer, step, op),
        ReLU op => ActivationNodes.Write(writer, step, op),
        LeakyReLU op => ActivationNodes.Write(writer, step, op),
        ELU op => ActivationNodes.Write(writer, step, op),
        ThresholdedReLU op => ActivationNodes.Write(writer, step, op),
        PReLU op => ActivationNodes.Write(writer, step, op),
        Rescaling op => ElementwiseNodes.Write(writer, step, op),
        AddConstant op => ElementwiseNodes.Write(writer, step, op),
        MultiplyConstant op => ElementwiseNodes.Write(writer, step, op),
        Arithmetic op => ElementwiseNodes.Write(writer, step, op),
        Add => MergingNodes.Chain(writer, step, "Add"),
        Multiply => MergingNodes.Chain(writer, step, "Mul"),
        Subtract => MergingNodes.Chain(writer, step, "Sub"),
        Divide => MergingNodes.Chain(writer, step, "Div"),
        Maximum => MergingNodes.Chain(writer, step, "Max"),
        Minimum => MergingNodes.Chain(writer, step, "Min"),
        Average op => MergingNodes.Write(writer, step, op),
        Dot op => MergingNodes.Write(writer, step, op),
        CustomScaleLayer op => MergingNodes.Write(writer, step, op),
        Concatenate op => MergingNodes.Write(writer, step, op),
        ZeroPadding2D op => ShapeNodes.Write(writer, step, op),
        Cropping2D op => ShapeNodes.Write(writer, step, op),
        Flatten or Reshape => ShapeNodes.WriteReshape(writer, step),
        Permute op => ShapeNodes.Write(writer, step, op),
        TakeChannels op => ShapeNodes.Write(writer, step, op),
        UpSampling2D op => ResizeNodes.Write(writer, step, op.Interpolation),
        Resizing op => ResizeNodes.Write(writer, step, op.Interpolation),
        _ => throw new NotSupportedException($"Layer '{step.Layer.Name}' ({step.Op.TypeName}) has no translation to ONNX."),
    };
}
