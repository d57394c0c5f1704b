using TransferKit.Analysis.Linear;

namespace TransferKit.Analysis.Classifiers;

/// <summary>Represents the rows that a classifier is trained on, with the class and the fold of each.</summary>
internal sealed class ClassifierTask
{
    private ClassifierTask(CentredRows rows, string[] labels, int[] classes, int[] folds, int foldCount) =>
        (Rows, Labels, Classes, FoldOf, FoldCount) = (rows, labels, classes, folds, foldCount);

    public CentredRows Rows { get; }

    /// <summary>Gets the names of the classes.</summary>
    public string[] Labels { get; }

    /// <summary>Gets the class of each row.</summary>
    public int[] Classes { get; }

    /// <summary>Gets the fold of each row.</summary>
    public int[] FoldOf { get; }

    public int FoldCount { get; }

    /// <param name="features">The features.</param>
    /// <param name="labels">The label of each row.</param>
    /// <param name="foldCount">The number of folds.</param>
    /// <param name="seed">The seed of the folds.</param>
    /// <exception cref="FeatureDataException">There is one class, or a class has too few rows.</exception>
    /// <exception cref="ArgumentException">There are not as many labels as rows.</exception>
    public static ClassifierTask Of(FeatureTable features, IReadOnlyList<string> labels, int foldCount, int seed)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count != features.Count)
            throw new ArgumentException($"There are {labels.Count} labels for {features.Count} rows.", nameof(labels));
        if (labels.Any(string.IsNullOrEmpty))
            throw new ArgumentException("A label is null or empty.", nameof(labels));
        string[] names = [.. labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (names.Length == 1)
        {
            throw new FeatureDataException(
                FeatureDataError.OneClass, $"All {features.Count} rows have the label '{names[0]}'. A classifier needs two classes.");
        }
        foreach (var (label, count) in labels.CountBy(l => l, StringComparer.Ordinal))
        {
            if (count > 1)
                continue;
            throw new FeatureDataException(
                FeatureDataError.SmallClass,
                $"The class '{label}' has one picture, and {foldCount} folds need two: one to learn from and one to check. Add pictures, "
                + "or leave the class out.");
        }
        var places = names.Index().ToDictionary(c => c.Item, c => c.Index, StringComparer.Ordinal);
        int[] classes = [.. labels.Select(l => places[l])];
        var folds = Math.Min(foldCount, features.Count);
        return new(new(features.Numbers, features.Dimensions), names, classes, Folds.Stratified(classes, folds, seed), folds);
    }
}
