namespace TransferKit;

/// <summary>
/// Thrown when a weight file does not fit the model: another number of layers or weights, another shape, or no common name. Nothing is
/// loaded halfway: all is compared before the first number is read.
/// </summary>
public sealed class WeightsMismatchException : TransferKitException
{
    internal WeightsMismatchException(string file, string? layer, string? weight, string expected, string found, string message)
        : base(message) => (File, Layer, Weight, Expected, Found) = (file, layer, weight, expected, found);

    /// <summary>The weight file: its path, or the name that its stream was given.</summary>
    public string File { get; }

    /// <summary>The model's layer at which file and model part; null where the model has no further layer.</summary>
    public string? Layer { get; }

    /// <summary>The kind of the weight that differs, such as <c>kernel</c>; null where a number of layers or weights, or all names, differ.</summary>
    public string? Weight { get; }

    /// <summary>What the model needs: a shape as numpy prints it, a number of layers or weights, or names of layers.</summary>
    public string Expected { get; }

    /// <summary>What the file holds in its place.</summary>
    public string Found { get; }
}
