using TransferKit.Onnx.Plan;

namespace TransferKit.Onnx.Rewrites;

/// <summary>Changes a lowered graph into one that computes the same numbers in fewer or faster steps.</summary>
internal interface IRewrite
{
    void Apply(LoweredGraph graph);
}
