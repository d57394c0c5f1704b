namespace TransferKit;

/// <summary>
/// Specifies the colours of a picture (Keras: <c>color_mode</c>). Keras' <c>"rgba"</c> fits no network of three channels.
/// </summary>
public enum ColorMode
{
    /// <summary>Red, green and blue. This is Keras' default.</summary>
    Rgb,

    /// <summary>
    /// Keras' <c>"grayscale"</c>: the luminance as Pillow's <c>convert("L")</c> rounds it, repeated in all three channels.
    /// </summary>
    Grayscale,
}
