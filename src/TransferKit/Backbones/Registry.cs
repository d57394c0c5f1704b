using System.Collections.Immutable;

namespace TransferKit.Backbones;

/// <summary>Every application that TransferKit knows: one line a family.</summary>
internal static class Registry
{
    public static ImmutableArray<Architecture> All { get; } =
    [
        .. Vgg.Variants,
        .. Resnet.Variants,
        .. Inception.Variants,
        .. Xception.Variants,
        .. MobileNetV2.Variants,
    ];
}
