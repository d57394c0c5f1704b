namespace TransferKit;

/// <summary>
/// Thrown when a weight file does not fit the model: the number of layers or weights, a shape, or every name differs. All are compared
/// before the first weight is read, so no model is loaded in part.
/// </summary>
public sealed class WeightsMismatchException : TransferKitException
{
    internal WeightsMismatchException(string file, string? layer, string? weight, string expected, string found, string message)
        : base(message) => (File, Layer, Weight, Expected, Found) = (file, layer, weight, expected, found);

    /// <summary>Gets the weight file: its path, or the name given with the stream.</summary>
    public string File { get; }

    /// <summary>Gets the model's first layer that does not match; null if the file has more layers than the model.</summary>
    public string? Layer { get; }

    /// <summary>
    /// Gets the kind of the weight that differs, such as <c>kernel</c>; null if the layers or the number of weights differ.
    /// </summary>
    public string? Weight { get; }

    /// <summary>Gets what the model needs: a shape as numpy prints it, a number of layers or weights, or layer names.</summary>
    public string Expected { get; }

    /// <summary>Gets what the file holds instead.</summary>
    public string Found { get; }
}
