namespace TransferKit;

/// <summary>Represents an output of a backbone, or a stage, which can be made one (<see cref="Backbone.Stages"/>).</summary>
public sealed class BackboneOutput
{
    /// <summary>Creates an output of the given layer and shape.</summary>
    /// <param name="layer">The layer's name.</param>
    /// <param name="shape">The dimensions without the batch.</param>
    public BackboneOutput(string layer, IReadOnlyList<int> shape) => (Layer, Shape) = (layer, shape);

    internal BackboneOutput(Graph.Layer layer, int reduction)
        : this(layer.Name, layer.OutputShape.Dimensions) => Reduction = layer.OutputShape.IsMap ? reduction : null;

    /// <summary>The layer that it comes from, by Keras' name.</summary>
    public string Layer { get; }

    /// <summary>The dimensions without the batch: <c>(channels)</c> or <c>(h, w, channels)</c>.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>How many channels the map or the vector has.</summary>
    public int Channels => Shape[^1];

    /// <summary>How many numbers one image gives.</summary>
    public int Count => Shape.Aggregate(1, (product, d) => product * d);

    /// <summary>
    /// How many pixels of the image's side one place of a map stands for: 2, 4, 8, …; null for a vector, or where it is unknown.
    /// </summary>
    public int? Reduction { get; }

    /// <summary>As <c>fc2 (None, 4096)</c>.</summary>
    public override string ToString() => $"{Layer} (None, {string.Join(", ", Shape)})";
}
