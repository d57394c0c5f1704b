namespace TransferKit;

/// <summary>
/// Keras' real ImageNet weights of MobileNetV2, carried by this package: no network and no cache folder is needed. Of
/// Google, Apache License 2.0.
/// </summary>
public static class MobileNetV2Weights
{
    private const string File = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5";

    /// <summary>
    /// For <c>mobilenet_v2</c> with alpha 0.35 and without top, at any input size; trained at 224x224. With average
    /// pooling it gives 1280 features. On another model they give a <see cref="WeightsMismatchException"/>.
    /// </summary>
    public static Weights Alpha035NoTop { get; } =
        Weights.FromStream(File, () => typeof(MobileNetV2Weights).Assembly.GetManifestResourceStream(File)!);
}
