using System.Security.Cryptography;
using System.Text;
using TransferKit.Engine;
using TransferKit.Imaging;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;

namespace TransferKit.Quantization;

/// <summary>Computes the recipe of a model's int8 form from the float model and images, and caches it by its key.</summary>
internal static class Calibrator
{
    // The share of observation in the progress; the rest is the measurement of the loss in int8.
    private const double Observing = 0.7;

    /// <param name="model">The float model with planar input.</param>
    /// <param name="weights">The weights of the model.</param>
    /// <param name="calibration">The images and settings.</param>
    /// <param name="fingerprint">The fingerprint of the calibration.</param>
    /// <param name="size">The model's input size.</param>
    /// <param name="preprocess">The preprocessing of the images' pixels.</param>
    /// <param name="folder">The folder of cached recipes; null to cache none.</param>
    /// <param name="cancellation">The token that stops the calibration between runs.</param>
    public static Int8Recipe Calibrate(
        OnnxModel model, IWeightSource weights, Calibration calibration, string fingerprint, ImageSize size, PreprocessMode preprocess,
        string? folder, CancellationToken cancellation)
    {
        var key = Int8Recipe.KeyOf(model, weights, preprocess, fingerprint);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..32];
        var path = folder is null ? null : Path.Combine(folder, $"{model.Name}-{hash}{WeightStore.CalibrationExtension}");
        if (path is not null && Int8Recipe.TryLoad(path, key) is { } cached)
            return cached;

        var images = calibration.Load(size, preprocess, cancellation);
        var recipe = Observe(
            model, weights, images, calibration.Method, key, done => calibration.Progress?.Report(Observing * done), cancellation);
        recipe = Sensitivity.Restore(model, weights, recipe, images, calibration.MinimumCosine,
            done => calibration.Progress?.Report(Observing + (1 - Observing) * done), cancellation);
        if (path is not null)
            recipe.TrySave(path);
        calibration.Progress?.Report(1);
        return recipe;
    }

    /// <summary>Computes the recipe that runs as many layers as possible in int8.</summary>
    public static Int8Recipe Observe(
        OnnxModel model, IWeightSource weights, IImageBatch images, CalibrationMethod method, string key, Action<double> progress,
        CancellationToken cancellation)
    {
        var plan = Int8Plan.Of(model, new HashSet<string>());
        var histograms = Observer.Observe(plan.Model, weights, [.. plan.Values], images, progress, cancellation);
        var ranges = histograms.ToDictionary(h => h.Key, h => RangeFinder.Find(h.Value, method));
        return new Int8Recipe
        {
            Key = key,
            Ranges = ranges,
            Means = histograms.Where(h => h.Value.ChannelMin.Length > 0).ToDictionary(h => h.Key, h => h.Value.ChannelMean),
            Equalized = Equalization.Find(plan, weights, ranges, histograms),
            Floats = [],
        };
    }
}

/// <summary>Images of a model's input size, preprocessed when they are read.</summary>
internal sealed class ImageBatch(IReadOnlyList<ReadOnlyMemory<byte>> images, ImageFitting fitting, PreprocessMode mode) : IImageBatch
{
    public int Count => images.Count;

    public void Read(int first, int count, Span<float> planar)
    {
        var length = planar.Length / count;
        for (var i = 0; i < count; i++)
            fitting.ToPlanar(images[first + i].Span, planar.Slice(i * length, length), mode);
    }

    /// <summary>Takes up to <paramref name="count"/> images at equal intervals.</summary>
    public ImageBatch Take(int count) => count >= images.Count
        ? this
        : new([.. Enumerable.Range(0, count).Select(i => images[i * images.Count / count])], fitting, mode);
}
