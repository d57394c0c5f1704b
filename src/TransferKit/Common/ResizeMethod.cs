namespace TransferKit;

/// <summary>Specifies whose pixels a picture becomes: the Keras function through which training saw its pictures.</summary>
public enum ResizeMethod
{
    /// <summary>
    /// <c>keras.utils.load_img(path, target_size=...)</c>, which resizes with Pillow: bytes, and filters that are wider when they shrink.
    /// </summary>
    LoadImg,

    /// <summary>
    /// <c>keras.utils.image_dataset_from_directory(..., image_size=...)</c>, which resizes with <c>tf.image.resize</c>: floats that are not
    /// rounded, half-pixel centres, no antialiasing.
    /// </summary>
    ImageDatasetFromDirectory,

    /// <summary>
    /// <c>keras.layers.Resizing</c>, <c>keras.ops.image.resize</c>, <c>smart_resize</c> or <c>tf.image.resize</c> on whole pictures. The
    /// arithmetic is that of <see cref="ImageDatasetFromDirectory"/>, but <see cref="AspectRatio.Pad"/> pads before the resize.
    /// </summary>
    Resizing,
}
