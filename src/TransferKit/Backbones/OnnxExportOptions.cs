namespace TransferKit;

/// <summary>What an exported model takes.</summary>
public enum OnnxInput
{
    /// <summary>Bytes <c>(n, h, w, 3)</c>, RGB 0..255; the model prepares them.</summary>
    Bytes,

    /// <summary>Floats <c>(n, h, w, 3)</c>, RGB 0..255; the model prepares them.</summary>
    Floats,

    /// <summary>Floats <c>(n, h, w, 3)</c> that <c>preprocess_input</c> has prepared, as Keras' models take them.</summary>
    Prepared,
}

/// <summary>How a backbone is exported.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>What the exported model takes; bytes unless said otherwise.</summary>
    public OnnxInput Input { get; init; } = OnnxInput.Bytes;
}
