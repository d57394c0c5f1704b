using System.Text.Json;

namespace TransferKit.Graph;

/// <summary>Specifies an activation function of Keras. The first line has those of the applications.</summary>
internal enum ActivationKind
{
    Linear, Relu, Sigmoid, Softmax, Swish, HardSigmoid, HardSwish, Gelu,
    Relu6, LeakyRelu, Elu, Selu, Celu, Softplus, Softsign, Squareplus, Tanh, HardTanh, TanhShrink, SoftShrink, HardShrink,
    Exponential, Mish,
    LogSigmoid, LogSoftmax, SparseSigmoid, SparsePlus, GeluTanh,
}

internal static class ActivationNames
{
    /// <summary>Gets Keras' name, such as <c>hard_swish</c>; null for none, as in Keras' configurations.</summary>
    public static string? KerasName(this ActivationKind? kind) => kind switch
    {
        null => null,
        { } known => JsonNamingPolicy.SnakeCaseLower.ConvertName(known.ToString()),
    };
}
