using TransferKit.Graph;

namespace TransferKit;

/// <summary>
/// The last layer of one resolution, before the next downsampling: where features of that size are read, as by timm's
/// <c>features_only</c>. Detectors and segmenters start from these.
/// </summary>
public sealed class BackboneStage
{
    internal BackboneStage(Stage stage) =>
        (Layer, Reduction, OutputShape) = (stage.Layer.Name, stage.Reduction, stage.Layer.OutputShape.Dimensions);

    /// <summary>The layer, by Keras' name.</summary>
    public string Layer { get; }

    /// <summary>How many pixels of the image's side one place stands for: 2, 4, 8, …</summary>
    public int Reduction { get; }

    /// <summary>The map's dimensions without the batch: <c>(h, w, channels)</c>.</summary>
    public IReadOnlyList<int> OutputShape { get; }

    /// <summary>How many channels the map has.</summary>
    public int Channels => OutputShape[^1];

    /// <summary>As <c>conv2_block3_out 1/4 (None, 56, 56, 256)</c>.</summary>
    public override string ToString() => $"{Layer} 1/{Reduction} (None, {string.Join(", ", OutputShape)})";
}
