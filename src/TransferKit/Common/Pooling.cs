namespace TransferKit;

/// <summary>Specifies the pooling after the last feature map of a backbone without its top (Keras: <c>pooling</c>).</summary>
public enum Pooling
{
    /// <summary>No pooling: the output is the feature map, <c>(n, h, w, channels)</c>.</summary>
    None,

    /// <summary>The output is the mean of each channel over all positions, <c>(n, channels)</c>.</summary>
    Avg,

    /// <summary>The output is the maximum of each channel over all positions, <c>(n, channels)</c>.</summary>
    Max,
}
