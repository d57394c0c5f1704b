namespace TransferKit.Tests.WeightSources;

/// <summary>Provides Keras' real weights of MobileNetV2 (alpha 0.35, no top) from a package of this repository.</summary>
internal static class RealWeights
{
    public static string Path { get; } = System.IO.Path.GetFullPath(Goldens.Path(
        "..", "..", "src", "TransferKit.Weights.MobileNetV2", "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"));
}
