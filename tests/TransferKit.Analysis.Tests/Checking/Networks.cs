namespace TransferKit.Analysis.Tests.Checking;

/// <summary>Loads the network whose weights are part of the packages.</summary>
internal static class Networks
{
    public static IBackbone Load(ImageSize size) => Backbone.Load("mobilenet_v2", new()
    {
        IncludeTop = false,
        Pooling = Pooling.Avg,
        Alpha = 0.35,
        InputSize = size,
        Weights = MobileNetV2Weights.Alpha035NoTop,
        CacheCompiledModel = false,
        Images = new() { Interpolation = Interpolation.Bilinear },
    });
}
