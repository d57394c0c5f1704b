namespace TransferKit.Graph;

/// <summary>Specifies an activation function of Keras Applications.</summary>
internal enum ActivationKind { Linear, Relu, Sigmoid, Softmax, Swish, HardSigmoid, HardSwish, Gelu }

internal static class ActivationNames
{
    /// <summary>Gets Keras' name, such as <c>hard_swish</c>; null for none, as in Keras' configurations.</summary>
    public static string? KerasName(this ActivationKind? kind) => kind switch
    {
        null => null,
        ActivationKind.HardSigmoid => "hard_sigmoid",
        ActivationKind.HardSwish => "hard_swish",
        { } known => known.ToString().ToLowerInvariant(),
    };
}
