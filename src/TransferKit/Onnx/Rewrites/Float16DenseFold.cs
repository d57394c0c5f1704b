using TransferKit.Graph;
using TransferKit.Onnx.Float16;
using TransferKit.Onnx.Tensors;

namespace TransferKit.Onnx.Rewrites;

/// <summary>
/// Makes large Dense layers over vectors, classifiers and VGG's <c>fc1</c> and <c>fc2</c>, <see cref="Float16Dense"/>. Those over maps compute more than they
/// read, and stay floats as convolutions do.
/// </summary>
internal static class Float16DenseFold
{
    /// <summary>Smaller kernels are no burden: 10 classes of 2,048 features take 80 KB.</summary>
    private const int LeastWeights = 1 << 18;

    public static void Apply(Plan plan)
    {
        foreach (var step in plan.Steps)
        {
            if (step is { Op: Dense op, OutputShape.IsMap: false } && step.Weight("kernel")!.Count >= LeastWeights && Halves(step) is var count && count < Array.MaxLength)
                step.Op = new Float16Dense(op.Units);
        }
    }

    // What is filled up to whole panels, and written in one piece.
    private static long Halves(Step step)
    {
        var kernel = step.Weight("kernel")!;
        return Float16KernelTensor.PanelsOf(kernel.Shape[1]) * Float16Product.Panel * kernel.Shape[0];
    }
}
