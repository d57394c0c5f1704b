namespace TransferKit;

/// <summary>Represents the options of <see cref="FeatureMap.Compute"/>.</summary>
public sealed record FeatureMapOptions
{
    private const int HighestLimit = 50_000;
    private const int MostClusters = 64;
    private const int MostNeighbours = 100;

    /// <summary>
    /// Gets the largest number of pictures on the map, 1 to 50,000. Of more pictures, a random sample is taken. Defaults to 10,000, which
    /// move smoothly in a browser.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Limit { get; init => field = InRange(value, HighestLimit); } = 10_000;

    /// <summary>Gets the seed of the sample, the clusters and t-SNE. Equal seeds give equal maps. Defaults to 0.</summary>
    public int Seed { get; init; }

    /// <summary>Gets the number of clusters, 1 to 64. Defaults to 8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Clusters { get; init => field = InRange(value, MostClusters); } = 8;

    /// <summary>Gets the number of neighbours of each picture, 1 to 100. Defaults to 8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Neighbours { get; init => field = InRange(value, MostNeighbours); } = 8;

    /// <summary>Gets whether t-SNE is computed. Defaults to true. Without it, a map takes a fraction of the time.</summary>
    public bool Tsne { get; init; } = true;

    /// <summary>
    /// Gets the effective number of neighbours that t-SNE keeps near each picture, 1 to 100. Defaults to 30, as in scikit-learn. It is at
    /// most a third of the number of other pictures.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Perplexity
    {
        get;
        init => field = value is >= 1 and <= 100
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Perplexity), value, $"{nameof(Perplexity)} must be 1 to 100.");
    } = 30;

    private static int InRange(int value, int most, [System.Runtime.CompilerServices.CallerMemberName] string property = "") =>
        value >= 1 && value <= most
            ? value
            : throw new ArgumentOutOfRangeException(property, value, FormattableString.Invariant($"{property} must be 1 to {most:N0}."));
}
