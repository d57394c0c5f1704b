using TransferKit.Graph;
using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Rewrites;

/// <summary>
/// A global pooling to a vector that is reshaped to a map of one place, as squeeze-and-excite blocks do, keeps its
/// dimensions instead.
/// </summary>
internal static class PooledReshape
{
    public static void Apply(LoweredGraph plan)
    {
        foreach (var step in plan.Steps.ToArray())
        {
            if (step.Op is not Reshape { Target: { IsMap: true, Height: 1, Width: 1 } target }
                || step.Input is not { Op: GlobalPooling2D { KeepDims: false } pooling } pooled || !plan.FeedsOnly(pooled, step))
            {
                continue;
            }

            pooled.Op = pooling with { KeepDims = true };
            pooled.OutputShape = target;
            plan.Replace(step, pooled);
        }
    }
}
