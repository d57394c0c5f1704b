using System.Collections.Immutable;

namespace TransferKit.Architectures;

/// <summary>Lists all applications of TransferKit, one line per family.</summary>
internal static class Registry
{
    // Functions, because a search need not create the families after the one that it finds.
    private static readonly Func<ImmutableArray<Architecture>>[] Families =
    [
        () => Vgg.Variants,
        () => Resnet.Variants,
        () => Inception.Variants,
        () => InceptionResNet.Variants,
        () => Xception.Variants,
        () => MobileNet.Variants,
        () => MobileNetV2.Variants,
        () => MobileNetV3.Variants,
        () => DenseNet.Variants,
        () => NasNet.Variants,
        () => EfficientNet.Variants,
        () => EfficientNetV2.Variants,
        () => ConvNeXt.Variants,
    ];

    public static ImmutableArray<Architecture> All => field.IsDefault ? field = [.. Families.SelectMany(f => f())] : field;

    /// <summary>Finds an application by its model name or the name of Keras' function, in any case; null if there is none.</summary>
    public static Architecture? Find(string name)
    {
        foreach (var family in Families)
        {
            foreach (var architecture in family())
            {
                if (architecture.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
                    || architecture.KerasName.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return architecture;
                }
            }
        }
        return null;
    }
}
