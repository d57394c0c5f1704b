namespace TransferKit;

/// <summary>
/// Provides Keras' ImageNet weights of MobileNetV2 from this package, without network or cache folder. Google publishes
/// them under the Apache License 2.0.
/// </summary>
public static class MobileNetV2Weights
{
    private const string File = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5";

    /// <summary>
    /// Gets the weights of <c>mobilenet_v2</c> with alpha 0.35 and without top, trained at 224x224, for any input size.
    /// Other models throw a <see cref="WeightsMismatchException"/>.
    /// </summary>
    public static Weights Alpha035NoTop { get; } =
        Weights.FromStream(File, () => typeof(MobileNetV2Weights).Assembly.GetManifestResourceStream(File)!);
}
