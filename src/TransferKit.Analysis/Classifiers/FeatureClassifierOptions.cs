namespace TransferKit;

/// <summary>Specifies how a classifier tells classes apart by features.</summary>
public enum ClassifierKind
{
    /// <summary>Multinomial logistic regression with an L2 penalty: the most accurate, and the default.</summary>
    LogisticRegression,

    /// <summary>The nearest mean of a class: pictures and classes can be added later without the earlier pictures.</summary>
    NearestMean,

    /// <summary>A vote of the nearest pictures: for classes of several kinds of pictures. It keeps all vectors.</summary>
    NearestNeighbours,
}

/// <summary>Represents the options of <see cref="FeatureClassifier.Train"/>.</summary>
public sealed record FeatureClassifierOptions
{
    /// <summary>Gets the kind. Defaults to <see cref="ClassifierKind.LogisticRegression"/>.</summary>
    public ClassifierKind Kind { get; init; }

    /// <summary>
    /// Gets the strengths of logistic regression to choose from, each scikit-learn's <c>C</c>: smaller values penalise coefficients more.
    /// Defaults to ten values from 0.0001 to 10000, those of scikit-learn's <c>LogisticRegressionCV</c>.
    /// </summary>
    /// <exception cref="ArgumentException">There are none, or one is not a positive number, or one stands twice.</exception>
    public IReadOnlyList<double> Strengths
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Count == 0 || value.Any(s => !(s > 0 && double.IsFinite(s))) || value.Distinct().Count() < value.Count)
                throw new ArgumentException("The strengths must be different positive numbers, at least one.", nameof(value));
            field = [.. value];
        }
    } = [.. Enumerable.Range(0, 10).Select(i => Math.Pow(10, -4 + 8.0 * i / 9))];

    /// <summary>Gets the number of folds of the cross-validation, at least 2. Defaults to 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 2.</exception>
    public int Folds
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 2);
            field = value;
        }
    } = 5;

    /// <summary>Gets the seed of the folds. Defaults to 0.</summary>
    public int Seed { get; init; }

    /// <summary>Gets the number of pictures that vote, for <see cref="ClassifierKind.NearestNeighbours"/>. Defaults to 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int Neighbours
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 5;

    /// <summary>
    /// Gets the share of pictures of known classes, 0..1, that the threshold may reject: <see cref="FeatureClassifier.Threshold"/> is
    /// chosen on held-out pictures. Defaults to 0.02. 0 rejects none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not from 0 to under 1.</exception>
    public double RejectedShare
    {
        get;
        init
        {
            if (value is not (>= 0 and < 1))
                throw new ArgumentOutOfRangeException(nameof(value), value, "The share must be from 0 to under 1.");
            field = value;
        }
    } = 0.02;
}
