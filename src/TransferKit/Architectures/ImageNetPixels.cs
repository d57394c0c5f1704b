using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>
/// The mean and standard deviation of ImageNet's pixels, R, G, B in 0..1, for networks that preprocess pixels themselves.
/// </summary>
internal static class ImageNetPixels
{
    public static ImmutableArray<double> Mean { get; } = [0.485, 0.456, 0.406];
    public static ImmutableArray<double> StdDev { get; } = [0.229, 0.224, 0.225];

    /// <summary>Normalises pixels of 0..<paramref name="range"/> to mean 0 and variance 1.</summary>
    public static Normalization Normalize(double range) =>
        new([.. Mean.Select(m => m * range)], [.. StdDev.Select(s => Math.Pow(s * range, 2))]);
}
