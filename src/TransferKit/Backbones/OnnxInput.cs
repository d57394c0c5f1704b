namespace TransferKit;

/// <summary>Specifies the input of an exported model.</summary>
public enum OnnxInput
{
    /// <summary>Bytes <c>(n, h, w, 3)</c>, RGB 0..255; the model prepares them.</summary>
    Bytes,

    /// <summary>Floats <c>(n, h, w, 3)</c>, RGB 0..255; the model prepares them.</summary>
    Floats,

    /// <summary>Floats <c>(n, h, w, 3)</c> prepared by <c>preprocess_input</c>, as for Keras' models.</summary>
    Prepared,
}
