using System.Numerics.Tensors;
using TransferKit.Graph;

namespace TransferKit.Analysis.Explaining;

/// <summary>Represents the classes of a classifier: their names, and how scores become probabilities.</summary>
/// <param name="Labels">The names; null for ImageNet's, or for numbers if there are not 1,000.</param>
/// <param name="Activation">The activation of the scores; null if they have it already.</param>
internal sealed record ExplainedClasses(IReadOnlyList<string>? Labels, ActivationKind? Activation)
{
    /// <summary>Returns a prediction for each class, in the order of classes.</summary>
    public IReadOnlyList<Prediction> Predictions(ReadOnlySpan<float> scores)
    {
        var probabilities = new float[scores.Length];
        switch (Activation)
        {
            case ActivationKind.Softmax:
                TensorPrimitives.SoftMax(scores, probabilities);
                break;
            case ActivationKind.Sigmoid:
                TensorPrimitives.Sigmoid(scores, probabilities);
                break;
            default:
                scores.CopyTo(probabilities);
                break;
        }
        // The one score of a binary model is that of the second class.
        if (Labels?.Count == 2 && probabilities is [var second])
            probabilities = [1 - second, second];
        if (Labels is null && probabilities.Length == ImageNet.Labels.Count)
        {
            var ranked = new FeatureTensor([1, probabilities.Length], probabilities).DecodePredictions(probabilities.Length)[0];
            return [.. ranked.OrderBy(p => p.Index)];
        }
        return [.. probabilities.Select((p, i) => new Prediction(i, "", Labels?[i] ?? $"class {i}", p))];
    }

    /// <summary>Finds a class by its name, its ImageNet identifier or its number.</summary>
    /// <param name="predictions">The classes.</param>
    /// <param name="label">What names the class; null for the most probable one.</param>
    /// <exception cref="ArgumentException">There is no such class.</exception>
    public static Prediction Choose(IReadOnlyList<Prediction> predictions, string? label)
    {
        if (label is null)
            return predictions.MaxBy(p => p.Score)!;
        return predictions.FirstOrDefault(p => p.Label.Equals(label, StringComparison.OrdinalIgnoreCase) || p.ClassId == label)
            ?? (int.TryParse(label, out var index) && index >= 0 && index < predictions.Count ? predictions[index] : null)
            ?? throw new ArgumentException(
                $"There is no class '{label}'. Classes are such as {string.Join(", ", predictions.Take(5).Select(p => p.Label))}.",
                nameof(label));
    }
}
