using System.Reflection;
using TransferKit.Features;

namespace TransferKit.FeatureSets.Extraction;

/// <summary>Lists all that determines the features of an extraction, and the version that computed them.</summary>
internal static class SetStamp
{
    private static readonly string Version =
        typeof(IBackbone).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static SortedDictionary<string, string> Of(IBackbone backbone, ImageLoadOptions images)
    {
        var stamp = FeatureStamp.Of(backbone, images);
        stamp["transferkit"] = Version;
        return stamp;
    }
}
