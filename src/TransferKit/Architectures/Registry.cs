using System.Collections.Immutable;

namespace TransferKit.Architectures;

/// <summary>Lists all applications of TransferKit, one line per family.</summary>
internal static class Registry
{
    public static ImmutableArray<Architecture> All { get; } =
    [
        .. Vgg.Variants,
        .. Resnet.Variants,
        .. Inception.Variants,
        .. InceptionResNet.Variants,
        .. Xception.Variants,
        .. MobileNet.Variants,
        .. MobileNetV2.Variants,
        .. MobileNetV3.Variants,
        .. DenseNet.Variants,
        .. NasNet.Variants,
        .. EfficientNet.Variants,
        .. EfficientNetV2.Variants,
        .. ConvNeXt.Variants,
    ];
}
