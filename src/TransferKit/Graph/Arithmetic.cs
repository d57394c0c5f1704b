using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>Specifies an operation on two numbers.</summary>
internal enum ArithmeticKind { Add, Subtract, Multiply, Divide, Maximum, Minimum, Power }

/// <summary>
/// Represents an operator between a layer and a constant, as in <c>x / 127.5</c> or <c>1 - x</c>, which Keras saves as a layer. The
/// constant
/// may differ by channel.
/// </summary>
/// <param name="Kind">The operation.</param>
/// <param name="Constant">One number, or one for each channel.</param>
/// <param name="ConstantFirst">Whether the constant is the first operand.</param>
internal sealed record Arithmetic(ArithmeticKind Kind, ImmutableArray<double> Constant, bool ConstantFirst = false) : ElementwiseOp
{
    public override string TypeName => Kind == ArithmeticKind.Divide ? "TrueDivide" : Kind.ToString();

    public override ImmutableArray<KeyValuePair<string, object?>> Config =>
        [Entry("constant", Constant.Length == 1 ? Constant[0] : Constant.ToArray()), Entry("constant_first", ConstantFirst)];

    // Arrays compare by reference, and a copy of a graph must equal the graph.
    public bool Equals(Arithmetic? other) => other is not null && (Kind, ConstantFirst) == (other.Kind, other.ConstantFirst)
        && Constant.SequenceEqual(other.Constant);

    public override int GetHashCode() => HashCode.Combine(Kind, ConstantFirst, Constant.Length);
}

/// <summary>Represents channels of a map by their indices, as in <c>x[..., ::-1]</c> of <c>preprocess_input</c>.</summary>
internal record TakeChannels(ImmutableArray<int> Indices) : LayerOp
{
    public override string TypeName => "GetItem";

    public override Shape Infer(ReadOnlySpan<Shape> inputs)
    {
        var input = inputs[0];
        return Indices.All(i => i >= 0 && i < input.Channels)
            ? input.WithChannels(Indices.Length)
            : throw Unfit($"channels {string.Join(", ", Indices)} are not among those of {input}");
    }

    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("channels", Indices.ToArray())];

    public virtual bool Equals(TakeChannels? other) => other is not null && Indices.SequenceEqual(other.Indices);

    public override int GetHashCode() => Indices.Length;
}

/// <summary>
/// Represents the first channel of a picture, for a model of grey pictures: all pictures here have three channels. Keras has no such layer.
/// </summary>
internal sealed record GreyChannel() : TakeChannels([0]);
