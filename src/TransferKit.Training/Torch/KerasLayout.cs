using TransferKit.Graph;
using static TorchSharp.torch;

namespace TransferKit.Training.Torch;

/// <summary>Converts weights between the layouts of Keras and torch. Keras stores output channels last, torch first.</summary>
internal static class KerasLayout
{
    /// <summary>Converts a weight to torch's layout.</summary>
    public static Tensor ToTorch(WeightSlot slot, Tensor keras) => slot.Kind switch
    {
        "depthwise_kernel" => keras.permute(2, 3, 0, 1)
            .reshape(slot.Shape[2] * slot.Shape[3], 1, slot.Shape[0], slot.Shape[1]).contiguous(),
        "kernel" or "pointwise_kernel" when slot.Shape.Length == 4 => keras.permute(3, 2, 0, 1).contiguous(),
        "kernel" => keras.t().contiguous(),
        _ => keras,
    };

    /// <summary>Converts a weight to Keras' layout.</summary>
    public static Tensor ToKeras(WeightSlot slot, Tensor torch) => slot.Kind switch
    {
        "depthwise_kernel" => torch
            .reshape(slot.Shape[2], slot.Shape[3], slot.Shape[0], slot.Shape[1]).permute(2, 3, 0, 1).contiguous(),
        "kernel" or "pointwise_kernel" when slot.Shape.Length == 4 => torch.permute(2, 3, 1, 0).contiguous(),
        "kernel" => torch.t().contiguous(),
        _ => torch,
    };
}
