using static TorchSharp.torch;

namespace TransferKit.Training.Torch;

/// <summary>Orders the memory of tensors for operators of libtorch that are wrong or inexact in another order.</summary>
internal static class MemoryLayout
{
    /// <summary>
    /// Returns a tensor of maps whose memory is in the order of its dimensions, (n, channels, h, w). With channels last, convolutions
    /// of libtorch 2.10 by a kernel of one pixel give wrong numbers on processors with AVX2 alone, or end the process by a signal.
    /// Its batch normalisation adds up floats one by one there, and loses up to three of their seven digits.
    /// </summary>
    public static Tensor ChannelsFirst(Tensor x) =>
        // The strides of a single pixel are ambiguous, and libtorch reads some as channels last. A view of all numbers has no such strides.
        x.contiguous().view(-1).view(x.shape);
}
