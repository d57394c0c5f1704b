using TransferKit.Common;

namespace TransferKit.Analysis.Classifiers;

/// <summary>Divides rows into folds of nearly the same classes.</summary>
internal static class Folds
{
    /// <summary>The fold number of an analysis without cross-validation.</summary>
    public const int None = -1;

    /// <summary>Returns the fold of each row. The rows of each class are dealt out in random order.</summary>
    /// <param name="classes">The class of each row.</param>
    /// <param name="folds">The number of folds.</param>
    /// <param name="seed">The seed of the order.</param>
    public static int[] Stratified(int[] classes, int folds, int seed)
    {
        var random = new CounterRandom(seed, "folds");
        var dealt = Enumerable.Range(0, classes.Length).OrderBy(row => classes[row]).ThenBy(row => random.At(row)).ToArray();
        var fold = new int[classes.Length];
        for (var i = 0; i < dealt.Length; i++)
            fold[dealt[i]] = i % folds;
        return fold;
    }
}
