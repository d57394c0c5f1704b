namespace TransferKit;

/// <summary>What follows the last feature map when the top is off (Keras: <c>pooling</c>).</summary>
public enum Pooling
{
    /// <summary>Nothing: the output is the map, <c>(n, h, w, channels)</c>.</summary>
    None,

    /// <summary>The mean of each channel over all places: <c>(n, channels)</c>.</summary>
    Avg,

    /// <summary>The maximum of each channel over all places: <c>(n, channels)</c>.</summary>
    Max,
}
