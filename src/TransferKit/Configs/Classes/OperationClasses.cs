using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs.Classes;

/// <summary>Lists the operators that TransferKit reads, and finds a layer's operator.</summary>
internal static class OperationClasses
{
    // Keras 2's classes of operators, whose function is in their config.
    private static readonly string[] Keras2 = ["TFOpLambda", "SlicingOpLambda"];

    private static readonly ImmutableArray<OperationClass> All =
    [
        Binary(ArithmeticKind.Add, () => new Add(), "add", "math.add", "__operators__.add", "addv2", "nn.bias_add"),
        Binary(ArithmeticKind.Subtract, () => new Subtract(), "subtract", "math.subtract", "__operators__.sub", "sub"),
        Binary(ArithmeticKind.Multiply, () => new Multiply(), "multiply", "math.multiply", "__operators__.mul", "mul"),
        Binary(ArithmeticKind.Divide, () => new Divide(), "truedivide", "divide", "math.truediv", "math.divide", "__operators__.truediv",
            "compat.v1.div", "realdiv"),
        Binary(ArithmeticKind.Maximum, () => new Maximum(), "maximum", "math.maximum"),
        Binary(ArithmeticKind.Minimum, () => new Minimum(), "minimum", "math.minimum"),
        Binary(ArithmeticKind.Power, () => throw new ConfigException("raises a layer to the power of another, which is not supported."),
            "power", "math.pow", "__operators__.pow"),
        OperationClass.Unary(["negative", "math.negative", "__operators__.neg"], _ => new MultiplyConstant(-1)),
        .. ActivationKinds().Select(a => OperationClass.Unary(a.Names, c => Activation(c, a.Kind))),
        OperationClass.Unary(["softmax", "nn.softmax"], c => Channels(c, new Activation(ActivationKind.Softmax))),
        OperationClass.Unary(["logsoftmax", "nn.log_softmax"], c => Channels(c, new Activation(ActivationKind.LogSoftmax))),
        OperationClass.Unary(["mean", "math.reduce_mean", "reduce_mean"], c => new GlobalAveragePooling2D { KeepDims = OverPlaces(c) }),
        OperationClass.Unary(["max", "math.reduce_max", "reduce_max"], c => new GlobalMaxPooling2D { KeepDims = OverPlaces(c) }),
        OperationClass.Unary(["reshape"], c => new Reshape(ShapeClasses.Target(
            c.Operand("x", "tensor").OutputShape,
            [.. (c.Ints(1, "newshape", "shape") ?? throw new ConfigException("has no shape.")).Skip(1)]))),
        OperationClass.Unary(["identity", "cast", "stop_gradient", "stopgradient"], _ => new PassThrough("Identity")),
        OperationClass.Of(["concatenate", "concat"], Concatenate),
        OperationClass.Of(["getitem", "__operators__.getitem"], ChannelSlices.Read),
        OperationClass.Of(["stack"], ChannelSlices.ReadStack),
    ];

    private static readonly FrozenDictionary<string, OperationClass> ByName =
        All.SelectMany(o => o.Names.Select(n => KeyValuePair.Create(n, o))).ToFrozenDictionary();

    /// <summary>Finds the operator of a layer; null if it is a plain layer.</summary>
    /// <exception cref="ConfigException">The layer is an operator that TransferKit does not know.</exception>
    public static OperationClass? Find(LayerEntry entry, LayerCall call)
    {
        if (Keras2.Contains(entry.ClassName))
        {
            var function =
                entry.Config.TryGetProperty("function", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString()! : "";
            return ByName.GetValueOrDefault(function.ToLowerInvariant()) ?? throw Unknown(function);
        }
        var lower = entry.ClassName.ToLowerInvariant();
        if (entry.Module?.StartsWith("keras.src.ops", StringComparison.Ordinal) == true)
            return ByName.GetValueOrDefault(lower) ?? throw Unknown($"{entry.Module}.{entry.ClassName}");
        // An .h5 file of Keras 3 has no modules, but an operator has its operands as arguments and no settings of layers.
        return entry.Module is null && ByName.TryGetValue(lower, out var found)
            && !entry.Config.TryGetProperty("dtype", out _) && !call.Arguments.IsEmpty
            && entry.ClassName is not ("Softmax" or "Reshape" or "ReLU" or "ELU" or "LeakyReLU" or "CustomScaleLayer") ? found : null;
    }

    private static ConfigException Unknown(string function) => new(
        $"is the operator {function}, which TransferKit does not support. Use a layer of Keras in its place, and save the model again.");

    private static OperationClass Binary(ArithmeticKind kind, Func<LayerOp> merge, params string[] names) => OperationClass.Of(names, c =>
    {
        var (x, y) = (c.Layer(0, "x1", "x"), c.Layer(1, "x2", "y", "value", "bias"));
        // The layers Add and Multiply of .h5 files have a list of layers as their only argument.
        if (x is null && y is null && c.Find(0, "x1", "x") is CallValue.Items)
            return (merge(), c.Layers(0, "x1", "x"));
        if (x is not null && y is not null)
            return (merge(), [x, y]);
        var layer = x ?? y ?? throw new ConfigException("has no layer among its operands.");
        var constant = x is null ? c.Numbers(0, "x1", "x") : c.Numbers(1, "x2", "y", "value", "bias");
        return (OfConstant(kind, constant ?? throw new ConfigException("has one operand; it needs two."), x is null, layer.OutputShape),
            [layer]);
    });

    private static LayerOp OfConstant(ArithmeticKind kind, ImmutableArray<double> constant, bool isFirst, Shape shape)
    {
        if (constant.Length != 1 && constant.Length != shape.Channels)
            throw new ConfigException($"has {constant.Length} constants for {shape.Channels} channels.");
        if (!constant.All(double.IsFinite))
            throw new ConfigException("has a constant that is not finite.");
        return (kind, constant) switch
        {
            (ArithmeticKind.Add, [var one]) => new AddConstant(one),
            (ArithmeticKind.Multiply, [var one]) => new MultiplyConstant(one),
            _ => new Arithmetic(kind, constant, isFirst),
        };
    }

    private static IEnumerable<(ActivationKind Kind, string[] Names)> ActivationKinds() =>
        from kind in Enum.GetValues<ActivationKind>()
        where kind is not (ActivationKind.Linear or ActivationKind.Softmax or ActivationKind.LogSoftmax)
        let name = ((ActivationKind?)kind).KerasName()!
        let other = kind switch
        {
            ActivationKind.Swish => ["silu", "nn.silu", "nn.swish"],
            ActivationKind.HardSwish => ["hardsilu"],
            ActivationKind.Exponential => ["exp", "math.exp"],
            ActivationKind.Tanh or ActivationKind.Sigmoid => [$"math.{name}"],
            _ => (string[])[],
        }
        select (kind, (string[])[.. other.Concat([name, name.Replace("_", "", StringComparison.Ordinal), $"nn.{name}"]).Distinct()]);

    private static LayerOp Activation(OperationCall c, ActivationKind kind) => kind switch
    {
        ActivationKind.LeakyRelu => new LeakyReLU(c.Number(0.2, 1, "negative_slope", "alpha")),
        ActivationKind.Elu => new ELU(c.Number(1, 1, "alpha")),
        ActivationKind.Gelu => c.Flag(true, 1, "approximate") ? new Activation(ActivationKind.GeluTanh) : new Activation(kind),
        ActivationKind.Celu when c.Number(1, 1, "alpha") != 1 => throw new ConfigException(
            "has an alpha that is not 1, which is not supported."),
        ActivationKind.SoftShrink or ActivationKind.HardShrink when c.Number(0.5, 1, "threshold") != 0.5 =>
            throw new ConfigException("has a threshold that is not 0.5, which is not supported."),
        ActivationKind.Squareplus when c.Number(4, 1, "b") != 4 => throw new ConfigException(
            "has a b that is not 4, which is not supported."),
        _ => new Activation(kind),
    };

    private static LayerOp Channels(OperationCall c, LayerOp op) => c.Ints(1, "axis") is null or [-1]
        || c.Ints(1, "axis") is [var axis] && axis == c.Operand("x", "logits").OutputShape.Dimensions.Length
        ? op
        : throw new ConfigException("works on another axis than the channels, which is not supported.");

    private static bool OverPlaces(OperationCall c) =>
        c.Operand("x", "input_tensor").OutputShape.IsMap && c.Ints(1, "axis") is { } axes && axes.Order().SequenceEqual([1, 2])
        ? c.Flag(false, 2, "keepdims")
        : throw new ConfigException("reduces other axes than height and width, which is not supported.");

    private static (LayerOp, ImmutableArray<Layer>) Concatenate(OperationCall c)
    {
        var layers = c.Layers(0, "xs", "values");
        var rank = layers[0].OutputShape.Dimensions.Length;
        return c.Ints(1, "axis") is null or [-1] || c.Ints(1, "axis") is [var axis] && axis == rank
            ? (new Concatenate(), layers)
            : throw new ConfigException("joins another axis than the channels, which is not supported.");
    }
}
