using TorchSharp;
using static TorchSharp.torch;

namespace TransferKit.Training.Torch;

/// <summary>
/// Changes tensors in place by numbers. TorchSharp converts a number to a native object that only a finalizer frees, which may happen
/// before libtorch has read it: a step then ends with "Unknown scalar type". Here the object lives until the call returns.
/// </summary>
internal static class InPlace
{
    public static Tensor MultiplyBy(this Tensor tensor, double factor)
    {
        using Scalar scalar = factor;
        return tensor.mul_(scalar);
    }

    /// <summary>Limits absolute values.</summary>
    public static Tensor Limit(this Tensor tensor, double most)
    {
        using Scalar least = -most, greatest = most;
        return tensor.clamp_(least, greatest);
    }

    public static Tensor Increase(this Tensor tensor, double number)
    {
        using Scalar scalar = number;
        return tensor.add_(scalar);
    }

    public static Tensor Increase(this Tensor tensor, Tensor other, double factor)
    {
        using Scalar scalar = factor;
        return tensor.add_(other, scalar);
    }

    /// <summary>Adds the product of two tensors and a factor.</summary>
    public static Tensor IncreaseByProduct(this Tensor tensor, Tensor left, Tensor right, double factor)
    {
        using Scalar scalar = factor;
        return tensor.addcmul_(left, right, scalar);
    }

    /// <summary>Adds the quotient of two tensors times a factor.</summary>
    public static Tensor IncreaseByQuotient(this Tensor tensor, Tensor left, Tensor right, double factor)
    {
        using Scalar scalar = factor;
        return tensor.addcdiv_(left, right, scalar);
    }
}
