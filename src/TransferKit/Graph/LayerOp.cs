using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>
/// Represents a Keras layer class and its configuration as data. It computes shapes and weight slots but no values; the ONNX writer and the
/// trainer interpret it.
/// </summary>
internal abstract record LayerOp
{
    /// <summary>Gets Keras' class name, such as <c>Conv2D</c>. Defaults to the name of the record.</summary>
    public virtual string TypeName => GetType().Name;

    /// <summary>Computes the output's shape. Throws <see cref="ArgumentException"/> if the inputs do not fit.</summary>
    public abstract Shape Infer(ReadOnlySpan<Shape> inputs);

    /// <summary>Gets the weight slots in the order of Keras' files.</summary>
    public virtual ImmutableArray<WeightSlot> Weights(Shape input) => [];

    /// <summary>Gets the entries of Keras' configuration that determine what the layer computes.</summary>
    public virtual ImmutableArray<KeyValuePair<string, object?>> Config => [];

    /// <summary>Gets Keras' automatic name without its number: <c>zero_padding2d</c>, <c>re_lu</c>.</summary>
    public string AutoName => KerasNames.SnakeCase(TypeName);

    protected static KeyValuePair<string, object?> Entry(string key, object? value) => new(key, value);

    protected static ArgumentException Unfit(string what) => new(what);
}
