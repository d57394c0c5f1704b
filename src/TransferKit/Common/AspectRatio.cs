namespace TransferKit;

/// <summary>Specifies what becomes of a picture whose sides are not in the proportion of the wanted size.</summary>
public enum AspectRatio
{
    /// <summary>Stretches the picture in one direction. This is Keras' default.</summary>
    Stretch,

    /// <summary>
    /// Takes the largest centred part of the right proportion (Keras: <c>crop_to_aspect_ratio</c>, <c>smart_resize</c>, and
    /// <c>keep_aspect_ratio</c> of <c>load_img</c>).
    /// </summary>
    Crop,

    /// <summary>
    /// Puts the whole picture between black bars (Keras: <c>pad_to_aspect_ratio</c>). <c>load_img</c> has no such option.
    /// </summary>
    Pad,
}
