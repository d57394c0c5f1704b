namespace TransferKit.Graph;

/// <summary>
/// Counts the multiply-adds of one sample as papers do: only those of kernels, without normalizations, biases, activations and poolings.
/// </summary>
internal static class MultiplyAdds
{
    public static long Of(LayerGraph graph) => graph.Layers.Sum(Of);

    public static long Of(Layer layer) => layer.Inputs.IsEmpty ? 0 : Of(layer.Op, layer.Inputs[0].OutputShape);

    private static long Of(LayerOp op, Shape input)
    {
        var output = op.Infer([input]);
        if (op is not Sequential sequential)
            return op.Weights(input).Where(w => w.IsKernel).Sum(w => w.Count) * output.Height * output.Width;

        var sum = 0L;
        foreach (var step in sequential.Steps)
        {
            sum += Of(step, input);
            input = step.Infer([input]);
        }
        return sum;
    }
}
