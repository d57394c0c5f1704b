namespace TransferKit;

/// <summary>Represents an output of a backbone, or a layer that can be one (<see cref="Backbone.Stages"/>).</summary>
public sealed class BackboneOutput
{
    /// <summary>Initializes an output of the given layer and shape.</summary>
    /// <param name="layer">The layer's name.</param>
    /// <param name="shape">The dimensions without the batch.</param>
    public BackboneOutput(string layer, IReadOnlyList<int> shape) => (Layer, Shape) = (layer, shape);

    internal BackboneOutput(string name, Graph.Layer layer, int? reduction)
        : this(name, layer.OutputShape.Dimensions) => Reduction = layer.OutputShape.IsMap ? reduction : null;

    /// <summary>Gets Keras' name of the layer, or that of the output where a whole model names its outputs.</summary>
    public string Layer { get; }

    /// <summary>Gets the dimensions without the batch: <c>(channels)</c> or <c>(h, w, channels)</c>.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Gets the number of channels of the map or vector.</summary>
    public int Channels => Shape[^1];

    /// <summary>Gets the number of values for one image.</summary>
    public int Count => Shape.Aggregate(1, (product, d) => product * d);

    /// <summary>
    /// Gets the factor by which the layer's map is smaller than the image on each side: 2, 4, 8 and so on. It is null for a vector or if
    /// unknown.
    /// </summary>
    public int? Reduction { get; }

    /// <summary>Returns the shape of a batch.</summary>
    internal int[] ShapeOf(int n)
    {
        var shape = new int[Shape.Count + 1];
        shape[0] = n;
        for (var i = 1; i < shape.Length; i++)
            shape[i] = Shape[i - 1];
        return shape;
    }

    /// <summary>Returns the layer and its shape: <c>fc2 (None, 4096)</c>.</summary>
    public override string ToString() => $"{Layer} (None, {string.Join(", ", Shape)})";
}
