namespace TransferKit;

/// <summary>Specifies what makes two feature vectors similar.</summary>
public enum SimilarityMetric
{
    /// <summary>The cosine of their angle, from -1 to 1; more is nearer. A vector of zeros has the cosine 0 with all.</summary>
    Cosine,

    /// <summary>The Euclidean distance, from 0; less is nearer.</summary>
    Euclidean,
}

/// <summary>Represents a row that a search found.</summary>
/// <param name="Row">The index of the row.</param>
/// <param name="Name">The name of its picture.</param>
/// <param name="Score">The cosine or the distance, by the index's metric.</param>
public readonly record struct Neighbour(int Row, string Name, float Score);
