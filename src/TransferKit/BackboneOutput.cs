namespace TransferKit;

/// <summary>One output of a backbone.</summary>
public sealed class BackboneOutput
{
    /// <summary>An output of the given layer and shape.</summary>
    /// <param name="layer">The layer's name.</param>
    /// <param name="shape">The dimensions without the batch.</param>
    public BackboneOutput(string layer, IReadOnlyList<int> shape) => (Layer, Shape) = (layer, shape);

    /// <summary>The layer that it comes from, by Keras' name.</summary>
    public string Layer { get; }

    /// <summary>The dimensions without the batch: <c>(channels)</c> or <c>(h, w, channels)</c>.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>How many numbers one image gives.</summary>
    public int Count => Shape.Aggregate(1, (product, d) => product * d);

    /// <summary>As <c>fc2 (None, 4096)</c>.</summary>
    public override string ToString() => $"{Layer} (None, {string.Join(", ", Shape)})";
}
