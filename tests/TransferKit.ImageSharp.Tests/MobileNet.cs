namespace TransferKit.Tests;

/// <summary>Provides the real MobileNetV2 0.35 for 96x96, loaded once for all tests.</summary>
internal static class MobileNet
{
    private static readonly Lazy<IBackbone> Loaded = new(() => Backbone.Load("mobilenet_v2", Options));

    public static IBackbone Shared => Loaded.Value;

    public static BackboneOptions Options => new()
    {
        IncludeTop = false,
        Pooling = Pooling.Avg,
        Alpha = 0.35,
        InputSize = (96, 96),
        Weights = MobileNetV2Weights.Alpha035NoTop,
        CacheCompiledModel = false,
    };
}
