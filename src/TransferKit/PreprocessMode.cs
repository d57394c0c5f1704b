namespace TransferKit;

/// <summary>How pixels become the numbers a backbone was trained on (Keras: <c>preprocess_input</c>'s <c>mode</c>).</summary>
public enum PreprocessMode
{
    /// <summary>Unchanged, 0..255: the backbone prepares pixels itself.</summary>
    None,

    /// <summary>Channels in B, G, R order, each less ImageNet's mean; not scaled.</summary>
    Caffe,

    /// <summary>Scaled to -1..1.</summary>
    Tf,

    /// <summary>Scaled to 0..1, then normalised by ImageNet's mean and standard deviation of each channel.</summary>
    Torch,
}
