using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>
/// What a layer does, as data: a Keras layer class and its configuration. It knows the shape that it makes and the
/// weights that it needs, and does no arithmetic; the ONNX writer and the trainer interpret it.
/// </summary>
internal abstract record LayerOp
{
    /// <summary>Keras' class name, <c>Conv2D</c>; the name of the record where nothing else is said.</summary>
    public virtual string TypeName => GetType().Name;

    /// <summary>The output's shape; throws <see cref="ArgumentException"/> where the inputs do not fit.</summary>
    public abstract Shape Infer(ReadOnlySpan<Shape> inputs);

    /// <summary>The weights in the order of Keras' files.</summary>
    public virtual ImmutableArray<WeightSlot> Weights(Shape input) => [];

    /// <summary>Keras' configuration entries that say what the layer computes.</summary>
    public virtual ImmutableArray<KeyValuePair<string, object?>> Config => [];

    /// <summary>Keras' automatic name before its number: <c>zero_padding2d</c>, <c>re_lu</c>.</summary>
    public string AutoName
    {
        get
        {
            // Keras' to_snake_case: an underscore before a capital that starts a word or follows a small letter;
            // digits end no word, so Conv2D becomes conv2d.
            var type = TypeName;
            var name = new System.Text.StringBuilder(type.Length + 4);
            for (var i = 0; i < type.Length; i++)
            {
                var startsWord = i > 0 && char.IsUpper(type[i])
                    && (char.IsLower(type[i - 1]) || (i + 1 < type.Length && char.IsLower(type[i + 1]) && !char.IsDigit(type[i - 1])));
                if (startsWord)
                    name.Append('_');
                name.Append(char.ToLowerInvariant(type[i]));
            }
            return name.ToString();
        }
    }

    protected static KeyValuePair<string, object?> Entry(string key, object? value) => new(key, value);

    protected static ArgumentException Unfit(string what) => new(what);
}
