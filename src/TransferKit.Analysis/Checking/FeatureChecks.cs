using System.Globalization;
using System.Numerics.Tensors;
using TransferKit.Analysis.Classifiers;
using TransferKit.Analysis.Similarity;

namespace TransferKit.Analysis.Checking;

/// <summary>Judges pictures by the features of all: labels, and distances to neighbours.</summary>
internal static class FeatureChecks
{
    // Fewer pictures have no distribution to be far out of.
    private const int LeastPictures = 20;
    private const int OutlierNeighbours = 5;

    /// <summary>Finds pictures that are far from all others.</summary>
    public static IEnumerable<DataFinding> Outliers(
        NeighbourGraph graph, IReadOnlyList<CheckedPicture> pictures, int[] rows, DataCheckOptions options)
    {
        if (rows.Length < LeastPictures)
            return [];
        var distances = Enumerable.Range(0, rows.Length).Select(row => Distance(graph.CosinesOf(row))).ToArray();
        double[] sorted = [.. distances.Order()];
        var (first, third) = (sorted[sorted.Length / 4], sorted[sorted.Length * 3 / 4]);
        var fence = third + options.OutlierFence * (third - first);
        return Enumerable.Range(0, rows.Length).Where(row => distances[row] > fence).Select(row => pictures[rows[row]].Finding(
            DataFindingKind.Outlier,
            string.Create(
                CultureInfo.InvariantCulture,
                $"It is unlike all others: its distance to its neighbours is {distances[row]:0.000}, and the median is "
                + $"{sorted[sorted.Length / 2]:0.000}."),
            distances[row]));
    }

    /// <summary>Finds pictures that seem to belong to another class.</summary>
    /// <param name="features">The features.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="rows">The picture of each row.</param>
    /// <param name="progress">Progress reporter for the fraction done, 0..1.</param>
    /// <param name="cancellationToken">Token to cancel the training.</param>
    /// <returns>The findings, and why there was nothing to look for; null if there was.</returns>
    public static (IReadOnlyList<DataFinding> Findings, string? Omitted) WrongLabels(
        FeatureTable features, IReadOnlyList<CheckedPicture> pictures, int[] rows, IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        string?[] labels = [.. rows.Select(picture => pictures[picture].Label)];
        if (Array.IndexOf(labels, null) is >= 0 and var bare)
        {
            return ([], $"Labels were not checked: '{pictures[rows[bare]].Path}' is in no folder of a class. Put the pictures of each "
                + "class into a folder of its own.");
        }
        string[] names = [.. labels.Distinct().Order(StringComparer.Ordinal)!];
        if (names.Length < 2)
            return ([], "Labels were not checked: there is one class.");
        if (features.Dimensions > LeaveOneOut.MostDimensions)
        {
            return ([], $"Labels were not checked: features have {features.Dimensions} numbers, and {LeaveOneOut.MostDimensions} are the "
                + "most that a check takes. Pool them.");
        }
        var places = names.Index().ToDictionary(n => n.Item, n => n.Index, StringComparer.Ordinal);
        int[] classes = [.. labels.Select(l => places[l!])];
        var regression = new LeaveOneOut(new(features.Numbers, features.Dimensions), progress, cancellationToken);
        var issues = LabelIssues.Find(regression, classes, names.Length, cancellationToken);
        return ([.. issues.Select(issue =>
        {
            var (picture, suggestion) = (pictures[rows[issue.Row]], names[issue.Class]);
            var message = string.Create(
                CultureInfo.InvariantCulture, $"It is in '{picture.Label}', and looks like '{suggestion}' ({issue.Probability:0.00}).");
            return picture.Finding(DataFindingKind.WrongLabel, message, issue.Probability) with { Suggestion = suggestion };
        })], null);
    }

    private static double Distance(ReadOnlySpan<float> cosines)
    {
        var nearest = cosines[..Math.Min(OutlierNeighbours, cosines.Length)];
        return nearest.IsEmpty ? 1 : 1 - TensorPrimitives.Sum(nearest) / nearest.Length;
    }
}
