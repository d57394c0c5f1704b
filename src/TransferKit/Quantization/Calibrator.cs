using System.Security.Cryptography;
using System.Text;
using TransferKit.Engine;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;

namespace TransferKit.Quantization;

/// <summary>From a float model and images to the recipe of its int8 form; the recipe is kept, and found again by its key.</summary>
internal static class Calibrator
{
    // Of the progress, what observing takes; the rest is measuring what bytes cost.
    private const double Observing = 0.7;

    /// <param name="model">The model in floats that takes planar input.</param>
    /// <param name="weights">Its numbers.</param>
    /// <param name="calibration">The images, and how ranges follow from them.</param>
    /// <param name="fingerprint">The calibration's.</param>
    /// <param name="size">The size of the images that the model takes.</param>
    /// <param name="preprocess">What is done to their pixels.</param>
    /// <param name="folder">Where recipes are kept; null to keep none.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public static Int8Recipe Calibrate(
        OnnxModel model, IWeightSource weights, Calibration calibration, string fingerprint, ImageSize size, PreprocessMode preprocess, string? folder,
        CancellationToken cancellation)
    {
        var key = Int8Recipe.KeyOf(model, weights, preprocess, fingerprint);
        var path = folder is null ? null : Path.Combine(folder, $"{model.Name}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..32]}.int8.json");
        if (path is not null && Int8Recipe.TryLoad(path, key) is { } kept)
            return kept;

        var images = new ImageBatch(calibration.Load(size, cancellation), preprocess);
        var recipe = Observe(model, weights, images, calibration.Method, key, done => calibration.Progress?.Report(Observing * done), cancellation);
        recipe = Sensitivity.Restore(model, weights, recipe, images, calibration.MinimumCosine,
            done => calibration.Progress?.Report(Observing + (1 - Observing) * done), cancellation);
        if (path is not null)
            recipe.TrySave(path);
        calibration.Progress?.Report(1);
        return recipe;
    }

    /// <summary>The recipe with all layers on bytes that can be.</summary>
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

/// <summary>Images of a model's input size, prepared when they are asked for.</summary>
internal sealed class ImageBatch(IReadOnlyList<RgbImage> images, PreprocessMode mode) : IImageBatch
{
    public int Count => images.Count;

    public void Read(int first, int count, Span<float> planar)
    {
        var length = planar.Length / count;
        for (var i = 0; i < count; i++)
        {
            var image = images[first + i];
            Preprocess.ToPlanar(image.Pixels.Span, planar.Slice(i * length, length), 1, image.Height, image.Width, mode);
        }
    }

    /// <summary>So many of the images, spread over all.</summary>
    public ImageBatch Take(int count) => count >= images.Count
        ? this
        : new([.. Enumerable.Range(0, count).Select(i => images[i * images.Count / count])], mode);
}
