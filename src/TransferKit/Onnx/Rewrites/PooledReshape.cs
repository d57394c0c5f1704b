using TransferKit.Graph;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Rewrites;

/// <summary>
/// Replaces a global pooling and its reshape to a 1x1 map, as in squeeze-and-excite blocks, with a pooling that keeps the
/// dimensions.
/// </summary>
internal sealed class PooledReshape : IRewrite
{
    public void Apply(LoweredGraph graph)
    {
        foreach (var step in graph.Steps.ToArray())
        {
            if (step.Op is not Reshape { Target: { IsMap: true, Height: 1, Width: 1 } target }
                || step.Input is not { Op: GlobalPooling2D { KeepDims: false } pooling } pooled || !graph.FeedsOnly(pooled, step))
            {
                continue;
            }

            pooled.Op = pooling with { KeepDims = true };
            pooled.OutputShape = target;
            graph.Replace(step, pooled);
        }
    }
}
