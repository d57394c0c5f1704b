using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Configs.Reading;

/// <summary>
/// Represents an operator that Keras saves as a layer: <c>TrueDivide</c> of Keras 3, <c>math.truediv</c> of Keras 2's <c>TFOpLambda</c>.
/// </summary>
/// <param name="Names">The names of the operator, in lower case.</param>
/// <param name="Read">Reads a call as an operation and the layers that it reads.</param>
internal sealed record OperationClass(ImmutableArray<string> Names, Func<OperationCall, (LayerOp Op, ImmutableArray<Layer> Inputs)> Read)
{
    public static OperationClass Of(string[] names, Func<OperationCall, (LayerOp, ImmutableArray<Layer>)> read) => new([.. names], read);

    /// <summary>Creates an operator on one layer.</summary>
    public static OperationClass Unary(string[] names, Func<OperationCall, LayerOp> read) =>
        new([.. names], c => (read(c), [c.Operand(
            "x", "input", "inputs", "features", "input_tensor", "a", "images", "logits", "value", "tensor")]));
}
