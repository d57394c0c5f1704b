using System.Runtime.InteropServices;
using TransferKit.Imaging;

namespace TransferKit.Backbones;

/// <summary>Runs backbones on pixels that an <see cref="ImageFitting"/> made, which are bytes or floats in memory of bytes.</summary>
internal static class FittedPixels
{
    public static FeatureTensor Predict(
        this ImageFitting images, IBackbone backbone, ReadOnlySpan<byte> pixels, CancellationToken cancellationToken) => images.IsFloat
        ? backbone.Predict(MemoryMarshal.Cast<byte, float>(pixels), cancellationToken)
        : backbone.Predict(pixels, cancellationToken);

    public static void Predict(
        this ImageFitting images, IBackbone backbone, ReadOnlySpan<byte> pixels, Memory<float> output, CancellationToken cancellationToken)
    {
        if (images.IsFloat)
            backbone.Predict(MemoryMarshal.Cast<byte, float>(pixels), output, cancellationToken);
        else
            backbone.Predict(pixels, output, cancellationToken);
    }

    public static IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        this ImageFitting images, IBackbone backbone, ReadOnlySpan<byte> pixels, CancellationToken cancellationToken) => images.IsFloat
        ? backbone.PredictAll(MemoryMarshal.Cast<byte, float>(pixels), cancellationToken)
        : backbone.PredictAll(pixels, cancellationToken);
}
