using System.Collections.Immutable;

namespace TransferKit.Architectures;

/// <summary>Lists all applications of TransferKit, one line per family.</summary>
internal static class Registry
{
    // The names of a family begin with its prefix, so a search creates no other families.
    private static readonly (string Prefix, Func<ImmutableArray<Architecture>> Variants)[] Families =
    [
        ("VGG", () => Vgg.Variants),
        ("ResNet", () => Resnet.Variants),
        ("Inception", () => Inception.Variants),
        ("InceptionResNet", () => InceptionResNet.Variants),
        ("Xception", () => Xception.Variants),
        ("MobileNet", () => MobileNet.Variants),
        ("MobileNetV2", () => MobileNetV2.Variants),
        ("MobileNetV3", () => MobileNetV3.Variants),
        ("DenseNet", () => DenseNet.Variants),
        ("NASNet", () => NasNet.Variants),
        ("EfficientNet", () => EfficientNet.Variants),
        ("EfficientNetV2", () => EfficientNetV2.Variants),
        ("ConvNeXt", () => ConvNeXt.Variants),
    ];

    public static ImmutableArray<Architecture> All => field.IsDefault ? field = [.. Families.SelectMany(f => f.Variants())] : field;

    /// <summary>Finds an application by its model name or the name of Keras' function, in any case; null if there is none.</summary>
    public static Architecture? Find(string name)
    {
        var plain = name.Replace("_", "", StringComparison.Ordinal);
        // From the end, where the longer ones of two prefixes are.
        for (var i = Families.Length - 1; i >= 0; i--)
        {
            if (!plain.StartsWith(Families[i].Prefix, StringComparison.OrdinalIgnoreCase))
                continue;
            foreach (var architecture in Families[i].Variants())
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
