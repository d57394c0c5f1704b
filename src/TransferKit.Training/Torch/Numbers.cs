using TorchSharp;
using static TorchSharp.torch;

namespace TransferKit.Training.Torch;

/// <summary>
/// Computes with tensors and numbers. TorchSharp converts a number to a native object that only a finalizer frees, which may happen
/// before libtorch has read it: a step then ends with "Unknown scalar type" or "Expected false to be true". Even the sum of two tensors
/// makes such a number, the factor 1 of the second. Here they live until the call returns.
/// </summary>
internal static class Numbers
{
    private static readonly Scalar One = 1;

    public static Tensor Plus(this Tensor tensor, Tensor other) => tensor.add(other, One);

    public static Tensor Plus(this Tensor tensor, double number) => With(number, scalar => tensor.add(scalar, One));

    public static Tensor Times(this Tensor tensor, double factor) => With(factor, tensor.mul);

    public static Tensor Over(this Tensor tensor, double divisor) => With(divisor, scalar => tensor.div(scalar));

    public static Tensor Square(this Tensor tensor) => tensor.mul(tensor);

    public static Tensor Between(this Tensor tensor, double least, double most)
    {
        using Scalar lower = least, upper = most;
        return tensor.clamp(lower, upper);
    }

    public static Tensor NotUnder(this Tensor tensor, double least) => With(least, tensor.clamp_min);

    /// <summary>Returns 1 where the tensor exceeds a number, and 0 elsewhere.</summary>
    public static Tensor Exceeds(this Tensor tensor, double number) => With(number, scalar => tensor.gt(scalar).to(tensor.dtype));

    /// <summary>Returns 1 where the tensor is a number or more, and 0 elsewhere.</summary>
    public static Tensor Reaches(this Tensor tensor, double number) => With(number, scalar => tensor.ge(scalar).to(tensor.dtype));

    public static Tensor LeakyRelu(this Tensor tensor, double slope) => With(slope, tensor.leaky_relu);

    public static Tensor Elu(this Tensor tensor, double alpha) => With(alpha, scalar => tensor.elu(scalar, One, One));

    /// <summary>Returns log(1 + exp(x)), which TorchSharp offers only with numbers of its own.</summary>
    public static Tensor Softplus(this Tensor tensor) => nn.functional.logsigmoid(tensor.neg()).neg();

    /// <summary>Multiplies in place.</summary>
    public static Tensor MultiplyBy(this Tensor tensor, double factor) => With(factor, tensor.mul_);

    /// <summary>Limits absolute values in place.</summary>
    public static Tensor Limit(this Tensor tensor, double most)
    {
        using Scalar least = -most, greatest = most;
        return tensor.clamp_(least, greatest);
    }

    /// <summary>Adds in place.</summary>
    public static Tensor Increase(this Tensor tensor, double number) => With(number, scalar => tensor.add_(scalar, One));

    /// <summary>Adds another tensor times a factor in place.</summary>
    public static Tensor Increase(this Tensor tensor, Tensor other, double factor = 1) =>
        With(factor, scalar => tensor.add_(other, scalar));

    /// <summary>Adds the product of two tensors and a factor in place.</summary>
    public static Tensor IncreaseByProduct(this Tensor tensor, Tensor left, Tensor right, double factor) =>
        With(factor, scalar => tensor.addcmul_(left, right, scalar));

    /// <summary>Adds the quotient of two tensors times a factor in place.</summary>
    public static Tensor IncreaseByQuotient(this Tensor tensor, Tensor left, Tensor right, double factor) =>
        With(factor, scalar => tensor.addcdiv_(left, right, scalar));

    // The number lives until the call returns.
    private static Tensor With(double number, Func<Scalar, Tensor> compute)
    {
        using Scalar scalar = number;
        return compute(scalar);
    }
}
