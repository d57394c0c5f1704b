using TransferKit.Graph;

namespace TransferKit.Configs.Writing;

/// <summary>
/// Finds the layer that computes the same as an operator between a layer and constants, for files that cannot hold the operator: a
/// <c>.h5</c> file names no modules, and Keras 3 reads no operators of Keras 2.
/// </summary>
internal static class OperatorLayers
{
    /// <summary>Gets the layer, or the operation itself if there is none.</summary>
    public static LayerOp Of(LayerOp op) => op switch
    {
        AddConstant a => new Rescaling(1, a.Constant),
        MultiplyConstant m => new Rescaling(m.Constant),
        Arithmetic { Constant: [var c] } o => (o.Kind, o.ConstantFirst) switch
        {
            (ArithmeticKind.Add, _) => new Rescaling(1, c),
            (ArithmeticKind.Subtract, false) => new Rescaling(1, -c),
            (ArithmeticKind.Subtract, true) => new Rescaling(-1, c),
            (ArithmeticKind.Multiply, _) => new Rescaling(c),
            (ArithmeticKind.Divide, false) => new Rescaling(1 / c),
            _ => o,
        },
        Arithmetic { Constant: var c } o => (o.Kind, o.ConstantFirst) switch
        {
            (ArithmeticKind.Add, _) => new Rescaling([1], c),
            (ArithmeticKind.Subtract, false) => new Rescaling([1], [.. c.Select(v => -v)]),
            (ArithmeticKind.Subtract, true) => new Rescaling([-1], c),
            (ArithmeticKind.Multiply, _) => new Rescaling(c, [0]),
            (ArithmeticKind.Divide, false) => new Rescaling([.. c.Select(v => 1 / v)], [0]),
            _ => o,
        },
        _ => op,
    };
}
