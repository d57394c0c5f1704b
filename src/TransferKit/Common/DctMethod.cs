namespace TransferKit;

/// <summary>
/// Specifies the integer transform of a JPEG's frequencies (TensorFlow: <c>dct_method</c> of <c>decode_jpeg</c>). Pixels differ by 1 level
/// of 255 on average.
/// </summary>
public enum DctMethod
{
    /// <summary>libjpeg's <c>JDCT_ISLOW</c>, the transform of Pillow and so of <c>load_img</c>.</summary>
    IntegerAccurate,

    /// <summary>
    /// libjpeg's <c>JDCT_IFAST</c>, the transform of <c>tf.io.decode_image</c> and so of <c>image_dataset_from_directory</c>.
    /// </summary>
    IntegerFast,
}
