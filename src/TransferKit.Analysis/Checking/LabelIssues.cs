using System.Numerics.Tensors;
using TransferKit.Analysis.Classifiers;

namespace TransferKit.Analysis.Checking;

/// <summary>Represents a row whose label seems to be wrong.</summary>
/// <param name="Row">The index of the row.</param>
/// <param name="Class">The class that fits better.</param>
/// <param name="Probability">The probability of that class.</param>
internal readonly record struct LabelIssue(int Row, int Class, double Probability);

/// <summary>
/// Finds wrong labels by confident learning (Northcutt, Jiang, Chuang 2021): a row is of another class if its probability reaches what rows
/// of that class have on average. A second round learns nothing from the rows that the first one found.
/// </summary>
internal static class LabelIssues
{
    /// <param name="regression">The regression that gives each row's probabilities without learning from it.</param>
    /// <param name="classes">The given class of each row.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="cancellationToken">Token to cancel the computation.</param>
    public static IReadOnlyList<LabelIssue> Find(
        LeaveOneOut regression, int[] classes, int classCount, CancellationToken cancellationToken)
    {
        var suspects = Find(regression.Probabilities(classes, classCount, cancellationToken), classes, classes, classCount);
        var trusted = (int[])classes.Clone();
        foreach (var suspect in suspects)
            trusted[suspect.Row] = LeaveOneOut.Unknown;
        // Where every row is suspected, as in classes that hold the same pictures, nothing is left to learn from.
        if (Array.TrueForAll(trusted, c => c is LeaveOneOut.Unknown))
            return suspects;
        return Find(regression.Probabilities(trusted, classCount, cancellationToken), classes, trusted, classCount);
    }

    private static List<LabelIssue> Find(double[] probabilities, int[] classes, int[] trusted, int classCount)
    {
        var (sums, counts) = (new double[classCount], new int[classCount]);
        for (var row = 0; row < classes.Length; row++)
        {
            if (trusted[row] is LeaveOneOut.Unknown)
                continue;
            sums[trusted[row]] += probabilities[row * classCount + trusted[row]];
            counts[trusted[row]]++;
        }
        var issues = new List<LabelIssue>();
        for (var row = 0; row < classes.Length; row++)
        {
            var own = probabilities.AsSpan(row * classCount, classCount);
            var best = TensorPrimitives.IndexOfMax<double>(own);
            if (best != classes[row] && counts[best] > 0 && own[best] >= sums[best] / counts[best])
                issues.Add(new(row, best, own[best]));
        }
        return issues;
    }
}
