namespace TransferKit;

/// <summary>Specifies the preprocessing of pixels: the modes of Keras' <c>imagenet_utils.preprocess_input</c>.</summary>
public enum PreprocessMode
{
    /// <summary>No preprocessing: RGB from 0 to 255, for networks that scale inside, such as EfficientNet.</summary>
    None,

    /// <summary>Keras <c>"caffe"</c>: BGR minus ImageNet's mean (103.939, 116.779, 123.68), not scaled.</summary>
    Caffe,

    /// <summary>Keras <c>"tf"</c>: RGB scaled to -1 to 1 by <c>x / 127.5 - 1</c>.</summary>
    Tf,

    /// <summary>Keras <c>"torch"</c>: RGB as <c>x / 255</c>, minus (0.485, 0.456, 0.406), divided by (0.229, 0.224, 0.225).</summary>
    Torch,
}
