namespace TransferKit;

/// <summary>Specifies the resampling filter of a resize: Pillow's six filters, under the names that Keras gives them.</summary>
/// <remarks>Keras' <c>load_img(interpolation=...)</c> takes the lower-case names and defaults to <c>"nearest"</c>.</remarks>
public enum Interpolation
{
    /// <summary>Keras <c>"nearest"</c> takes the pixel under the centre, without mixing. It is Keras' default.</summary>
    Nearest,

    /// <summary>Keras <c>"box"</c> takes the mean of the covered pixels; its support is 0.5.</summary>
    Box,

    /// <summary>Keras <c>"bilinear"</c> weighs by a triangle, which is wider when shrinking; its support is 1.</summary>
    Bilinear,

    /// <summary>
    /// Keras <c>"hamming"</c> weighs by a Hamming-windowed sinc, sharper than bilinear at the same cost; its support is 1.
    /// </summary>
    Hamming,

    /// <summary>Keras <c>"bicubic"</c> weighs by Keys' cubic with a = -0.5; its support is 2.</summary>
    Bicubic,

    /// <summary>Keras <c>"lanczos"</c> weighs by a sinc windowed by a sinc; its support is 3.</summary>
    Lanczos,
}
