using System.Globalization;
using System.Text.Json;

namespace TransferKit;

/// <summary>Provides the 1,000 classes of ImageNet in the order of Keras' outputs (Keras: <c>imagenet_class_index.json</c>).</summary>
public static class ImageNet
{
    private static readonly Lazy<(string Id, string Label)[]> Index = new(ReadIndex);

    /// <summary>Gets the names of the classes in the order of the outputs.</summary>
    public static IReadOnlyList<string> Labels => field ??= [.. Index.Value.Select(c => c.Label)];

    /// <summary>Gets the most likely classes of each sample, the best first (Keras: <c>decode_predictions</c>).</summary>
    /// <param name="predictions">The output of a model with its ImageNet top: <c>(n, 1000)</c>.</param>
    /// <param name="top">The number of classes for each sample, 1..1000.</param>
    /// <returns>A list for each sample of the batch.</returns>
    /// <exception cref="ArgumentException">
    /// The shape is not <c>(n, 1000)</c>, because the model has no top or other classes. Or a score is NaN, which cannot be sorted.
    /// </exception>
    public static IReadOnlyList<IReadOnlyList<Prediction>> DecodePredictions(this FeatureTensor predictions, int top = 5)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(top);
        var classes = Index.Value;
        if (predictions.Shape.Count != 2 || predictions.Shape[1] != classes.Length)
        {
            throw new ArgumentException(
                $"ImageNet's classes fit outputs of shape (n, {classes.Length}), and this one is ({string.Join(", ", predictions.Shape)}). "
                + "Load the backbone with includeTop: true and 1000 classes.", nameof(predictions));
        }
        for (var n = 0; n < predictions.Count; n++)
            Prediction.ThrowIfNaN(predictions.Row(n).Span, n);
        return [.. Enumerable.Range(0, predictions.Count).Select(n => Best(predictions.Row(n), Math.Min(top, classes.Length)))];

        // The later of two equal classes comes first, as in Keras' reversed argsort.
        IReadOnlyList<Prediction> Best(ReadOnlyMemory<float> scores, int count) =>
        [
            .. Enumerable.Range(0, classes.Length)
                .OrderByDescending(i => scores.Span[i]).ThenByDescending(i => i)
                .Take(count)
                .Select(i => new Prediction(i, classes[i].Id, classes[i].Label, scores.Span[i])),
        ];
    }

    private static (string, string)[] ReadIndex()
    {
        using var stream = typeof(ImageNet).Assembly.GetManifestResourceStream("imagenet_class_index.json")!;
        using var json = JsonDocument.Parse(stream);
        var classes = new (string, string)[1000];
        foreach (var entry in json.RootElement.EnumerateObject())
            classes[int.Parse(entry.Name, CultureInfo.InvariantCulture)] = (entry.Value[0].GetString()!, entry.Value[1].GetString()!);
        return classes;
    }
}
