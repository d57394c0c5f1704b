namespace TransferKit;

/// <summary>How pixels are weighed when an image is resized: Pillow's six filters, under the names that Keras gives them.</summary>
/// <remarks>Keras' <c>load_img(interpolation=...)</c> takes the lower-case names; the default there is <c>"nearest"</c>.</remarks>
public enum Interpolation
{
    /// <summary>Keras <c>"nearest"</c>: the pixel under the centre, no mixing; Keras' default.</summary>
    Nearest,

    /// <summary>Keras <c>"box"</c>: the mean of the pixels underneath; support 0.5.</summary>
    Box,

    /// <summary>Keras <c>"bilinear"</c>: a triangle, widened when shrinking; support 1.</summary>
    Bilinear,

    /// <summary>Keras <c>"hamming"</c>: a Hamming-windowed sinc, sharper than bilinear at the same cost; support 1.</summary>
    Hamming,

    /// <summary>Keras <c>"bicubic"</c>: Keys' cubic with a = -0.5; support 2.</summary>
    Bicubic,

    /// <summary>Keras <c>"lanczos"</c>: a sinc windowed by a sinc; support 3.</summary>
    Lanczos,
}
