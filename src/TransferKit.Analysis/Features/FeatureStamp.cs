namespace TransferKit.Analysis.Features;

/// <summary>Compares what determines the features of two sources.</summary>
internal static class FeatureStamp
{
    // Another version of the library computes the same features.
    private const string Version = "transferkit";

    /// <summary>Throws if two sources of features state different origins. A source without a stamp states none.</summary>
    /// <param name="first">The stamp of the first source.</param>
    /// <param name="second">The stamp of the second source.</param>
    /// <param name="what">What the second source is, such as <c>the query</c>.</param>
    /// <exception cref="FeatureDataException">The stamps differ.</exception>
    public static void ThrowIfMixed(
        IReadOnlyDictionary<string, string> first, IReadOnlyDictionary<string, string> second, string what)
    {
        if (first.Count == 0 || second.Count == 0)
            return;
        string[] differences =
        [
            .. first.Keys.Union(second.Keys).Where(k => k != Version).Order(StringComparer.Ordinal)
                .Where(k => first.GetValueOrDefault(k) != second.GetValueOrDefault(k))
                .Select(k => $"{k}: {first.GetValueOrDefault(k, "none")} and {second.GetValueOrDefault(k, "none")}"),
        ];
        if (differences.Length > 0)
        {
            throw new FeatureDataException(
                FeatureDataError.MixedStamps,
                $"The features of {what} have another origin: {string.Join("; ", differences)}. Extract both with the same backbone, "
                + "weights and preparation of pictures.");
        }
    }
}
