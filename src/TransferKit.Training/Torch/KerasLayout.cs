using TransferKit.Graph;
using static TorchSharp.torch;

namespace TransferKit.Training.Torch;

/// <summary>A weight between Keras' layout and torch's: Keras puts the output channels last, torch first.</summary>
internal static class KerasLayout
{
    /// <summary>The weight as torch's operators take it, in memory of its own.</summary>
    public static Tensor ToTorch(WeightSlot slot, Tensor keras) => slot.Kind switch
    {
        "depthwise_kernel" => keras.permute(2, 3, 0, 1).reshape(slot.Shape[2] * slot.Shape[3], 1, slot.Shape[0], slot.Shape[1]).contiguous(),
        "kernel" or "pointwise_kernel" when slot.Shape.Length == 4 => keras.permute(3, 2, 0, 1).contiguous(),
        "kernel" => keras.t().contiguous(),
        _ => keras,
    };

    /// <summary>The weight as Keras' files hold it.</summary>
    public static Tensor ToKeras(WeightSlot slot, Tensor torch) => slot.Kind switch
    {
        "depthwise_kernel" => torch.reshape(slot.Shape[2], slot.Shape[3], slot.Shape[0], slot.Shape[1]).permute(2, 3, 0, 1).contiguous(),
        "kernel" or "pointwise_kernel" when slot.Shape.Length == 4 => torch.permute(2, 3, 1, 0).contiguous(),
        "kernel" => torch.t().contiguous(),
        _ => torch,
    };
}
