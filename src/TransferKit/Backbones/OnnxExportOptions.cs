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

/// <summary>Represents the options to export a backbone with.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>Gets the input of the exported model. Defaults to bytes.</summary>
    public OnnxInput Input { get; init; } = OnnxInput.Bytes;
}
