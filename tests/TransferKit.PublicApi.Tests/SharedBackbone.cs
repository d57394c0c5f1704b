namespace TransferKit.PublicApi.Tests;

/// <summary>Provides the real MobileNetV2 0.35, loaded once for all tests like a user's long-lived backbone.</summary>
internal static class SharedBackbone
{
    private static readonly Lazy<IBackbone> Loaded = new(() => Backbone.Load("mobilenet_v2", Options));

    public static IBackbone MobileNet => Loaded.Value;

    public static BackboneOptions Options => new()
    {
        IncludeTop = false,
        Pooling = Pooling.Avg,
        Alpha = 0.35,
        Weights = MobileNetV2Weights.Alpha035NoTop,
        CacheCompiledModel = false,
    };
}
