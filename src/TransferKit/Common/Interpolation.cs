using System.Text.Json.Serialization;

namespace TransferKit;

/// <summary>Specifies the resampling filter of a resize, under the names that Keras gives them.</summary>
/// <remarks>
/// <see cref="ResizeMethod"/> says which library's filter it is: Pillow's, which are wider when they shrink, or TensorFlow's, which are
/// not. Three names are common to both.
/// </remarks>
public enum Interpolation
{
    /// <summary>
    /// Keras <c>"nearest"</c> takes the pixel under the centre, without mixing. It is the default of Keras' <c>load_img</c>.
    /// </summary>
    Nearest,

    /// <summary>Keras <c>"box"</c> takes the mean of the covered pixels; its support is 0.5. Pillow only.</summary>
    Box,

    /// <summary>
    /// Keras <c>"bilinear"</c> weighs by a triangle; its support is 1. It is the default of <c>image_dataset_from_directory</c> and
    /// <c>Resizing</c>.
    /// </summary>
    Bilinear,

    /// <summary>
    /// Keras <c>"hamming"</c> weighs by a Hamming-windowed sinc, sharper than bilinear at the same cost; its support is 1. Pillow only.
    /// </summary>
    Hamming,

    /// <summary>Keras <c>"bicubic"</c> weighs by Keys' cubic with a = -0.5; its support is 2.</summary>
    Bicubic,

    /// <summary>Keras <c>"lanczos"</c> weighs by a sinc windowed by a sinc; its support is 3. Pillow only.</summary>
    Lanczos,

    /// <summary>Keras <c>"area"</c> takes the mean of the covered area, parts of pixels included. TensorFlow only.</summary>
    Area,

    /// <summary>Keras <c>"lanczos3"</c> weighs by a sinc windowed by a sinc; its support is 3. TensorFlow only.</summary>
    Lanczos3,

    /// <summary>Keras <c>"lanczos5"</c> weighs by a sinc windowed by a sinc; its support is 5. TensorFlow only.</summary>
    Lanczos5,

    /// <summary>Keras <c>"gaussian"</c> weighs by a normal distribution of deviation 0.5; its support is 1.5. TensorFlow only.</summary>
    Gaussian,

    /// <summary>
    /// Keras <c>"mitchellcubic"</c> weighs by the cubic of Mitchell and Netravali; its support is 2. TensorFlow only.
    /// </summary>
    [JsonStringEnumMemberName("mitchellcubic")]
    MitchellCubic,
}
