using System.Numerics.Tensors;
using TransferKit.Analysis.Classifiers;
using TransferKit.Analysis.Features;
using TransferKit.Analysis.Linear;
using TransferKit.Common;

namespace TransferKit;

/// <summary>
/// Represents a classifier on feature vectors. It is trained in seconds, without the network that extracted the features. It is immutable
/// and thread-safe.
/// </summary>
public sealed partial class FeatureClassifier
{
    private readonly Scorer _scorer;

    private FeatureClassifier(Scorer scorer, IReadOnlyList<string> labels, IReadOnlyDictionary<string, string> stamp) =>
        (_scorer, Labels, Stamp) = (scorer, labels, stamp);

    /// <summary>Gets the trained numbers.</summary>
    internal Scorer Scorer => _scorer;

    /// <summary>Gets the kind.</summary>
    public ClassifierKind Kind => _scorer switch
    {
        NearestMean => ClassifierKind.NearestMean,
        NearestNeighbours => ClassifierKind.NearestNeighbours,
        _ => ClassifierKind.LogisticRegression,
    };

    /// <summary>Gets the names of the classes in the order of the probabilities.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Gets the length of the feature vectors.</summary>
    public int Dimensions => _scorer.Dimensions;

    /// <summary>Gets what determines the features that it was trained on, as <see cref="FeatureTable.Stamp"/> has it.</summary>
    public IReadOnlyDictionary<string, string> Stamp { get; }

    /// <summary>Gets the figures on held-out pictures; null for a classifier that was loaded or extended.</summary>
    public ClassifierReport? Report { get; private init; }

    /// <summary>Gets the strength of logistic regression, scikit-learn's <c>C</c>; null for other kinds.</summary>
    public double? Strength { get; private init; }

    /// <summary>Gets the temperature that scores are divided by, so that probabilities are the shares of right answers.</summary>
    public double Temperature { get; private init; } = 1;

    /// <summary>Gets the least probability, 0..1, of the best class of a picture that <see cref="Classify"/> does not reject.</summary>
    public double Threshold { get; private init; }

    /// <summary>
    /// Trains a classifier. Its figures, its temperature and its threshold come from held-out pictures of a stratified cross-validation.
    /// </summary>
    /// <param name="features">The features.</param>
    /// <param name="labels">The label of each row, such as <see cref="FeatureTable.LabelsByFolder"/>.</param>
    /// <param name="options">The options. Defaults to logistic regression.</param>
    /// <param name="progress">Progress reporter for the fraction done, 0..1.</param>
    /// <param name="cancellationToken">Token to cancel the training.</param>
    /// <exception cref="ArgumentException">There are not as many labels as rows, or a label is empty.</exception>
    /// <exception cref="FeatureDataException">There is one class, or a class has one picture.</exception>
    public static FeatureClassifier Train(
        FeatureTable features, IReadOnlyList<string> labels, FeatureClassifierOptions? options = null,
        IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        var task = ClassifierTask.Of(features, labels, options.Folds, options.Seed);
        var fitted = options.Kind switch
        {
            ClassifierKind.NearestMean => NearestMean.Train(task, cancellationToken),
            ClassifierKind.NearestNeighbours =>
                NearestNeighbours.Train(task, features.Numbers, options.Neighbours, cancellationToken),
            _ => LogisticRegression.Train(task, options.Strengths, progress, cancellationToken),
        };
        var temperature = TemperatureScaling.Temperature(fitted.HeldOut, task.Classes, task.Labels.Length);
        var probabilities = new double[fitted.HeldOut.Length];
        for (var at = 0; at < probabilities.Length; at += task.Labels.Length)
        {
            TemperatureScaling.ToProbabilities(
                fitted.HeldOut.AsSpan(at, task.Labels.Length), probabilities.AsSpan(at, task.Labels.Length), temperature);
        }
        double[] confidences = [.. probabilities.Chunk(task.Labels.Length).Select(row => row.Max()).Order()];
        return new(fitted.Scorer, task.Labels, features.Stamp)
        {
            Report = new(task.Labels, task.Classes, probabilities, task.FoldOf, task.FoldCount, fitted.Strengths),
            Strength = fitted.Strength,
            Temperature = temperature,
            Threshold = options.RejectedShare == 0 ? 0 : confidences[(int)(options.RejectedShare * confidences.Length)],
        };
    }

    /// <summary>Computes the probabilities of the classes for a picture, in the order of <see cref="Labels"/>.</summary>
    /// <param name="features">The picture's features.</param>
    /// <exception cref="ArgumentException">The vector has another length, or a number that is NaN or infinite.</exception>
    public float[] Predict(ReadOnlySpan<float> features)
    {
        FeatureTable.ThrowIfOtherLength(features.Length, Dimensions, nameof(features));
        if (!TensorPrimitives.IsFiniteAll(features))
            throw new ArgumentException("The features have a number that is NaN or infinite.", nameof(features));
        var scores = new double[Labels.Count];
        _scorer.Score(features, scores);
        TemperatureScaling.ToProbabilities(scores, scores, Temperature);
        return Array.ConvertAll(scores, p => (float)p);
    }

    /// <summary>Gets the most probable classes of a picture, the best first.</summary>
    /// <param name="features">The picture's features.</param>
    /// <param name="top">The number of classes.</param>
    /// <exception cref="ArgumentException">The vector has another length, or a number that is NaN or infinite.</exception>
    public IReadOnlyList<Prediction> Rank(ReadOnlySpan<float> features, int top = 5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(top);
        return [.. Predict(features).Select((p, i) => new Prediction(i, "", Labels[i], p))
            .OrderByDescending(p => p.Score).ThenBy(p => p.Index).Take(top)];
    }

    /// <summary>Gets the class of a picture; null if it seems to have none: its probability is under <see cref="Threshold"/>.</summary>
    /// <param name="features">The picture's features.</param>
    /// <exception cref="ArgumentException">The vector has another length, or a number that is NaN or infinite.</exception>
    public Prediction? Classify(ReadOnlySpan<float> features) =>
        Rank(features, 1) is [var best] && best.Score >= Threshold ? best : null;

    /// <summary>Measures the classifier on other pictures.</summary>
    /// <param name="features">The features.</param>
    /// <param name="labels">The label of each row.</param>
    /// <exception cref="ArgumentException">There are not as many labels as rows, or the vectors have another length.</exception>
    /// <exception cref="FeatureDataException">A label is no class, or the features have another origin.</exception>
    public ClassifierReport Evaluate(FeatureTable features, IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(labels);
        FeatureStamp.ThrowIfMixed(Stamp, features.Stamp, "the pictures to measure on");
        if (labels.Count != features.Count)
            throw new ArgumentException($"There are {labels.Count} labels for {features.Count} rows.", nameof(labels));
        var places = Labels.Index().ToDictionary(l => l.Item, l => l.Index, StringComparer.Ordinal);
        int[] classes = [.. labels.Select(l => places.TryGetValue(l, out var place) ? place : throw Unknown(l))];
        var probabilities = new double[features.Count * Labels.Count];
        for (var row = 0; row < features.Count; row++)
        {
            var place = probabilities.AsSpan(row * Labels.Count, Labels.Count);
            TensorPrimitives.ConvertTruncating<float, double>(Predict(features[row]), place);
        }
        return new(Labels, classes, probabilities, new int[features.Count], 1, []);

        FeatureDataException Unknown(string label) => new(
            FeatureDataError.UnknownName, $"'{label}' is no class of the classifier, which knows {string.Join(", ", Labels.Take(10))}.");
    }

    /// <summary>
    /// Returns a classifier that also knows other pictures, of known classes or new ones. It needs none of the earlier pictures; logistic
    /// regression does, by <see cref="Refit"/>. Temperature and threshold stay.
    /// </summary>
    /// <param name="features">The features of the pictures to add.</param>
    /// <param name="labels">The label of each row.</param>
    /// <exception cref="InvalidOperationException">The classifier is a logistic regression.</exception>
    /// <exception cref="ArgumentException">There are not as many labels as rows, or the vectors have another length.</exception>
    /// <exception cref="FeatureDataException">The features have another origin.</exception>
    public FeatureClassifier Add(FeatureTable features, IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(labels);
        FeatureStamp.ThrowIfMixed(Stamp, features.Stamp, "the added pictures");
        FeatureTable.ThrowIfOtherLength(features.Dimensions, Dimensions, nameof(features));
        if (labels.Count != features.Count)
            throw new ArgumentException($"There are {labels.Count} labels for {features.Count} rows.", nameof(labels));
        string[] known = [.. Labels, .. labels.Distinct(StringComparer.Ordinal).Except(Labels, StringComparer.Ordinal)];
        var places = known.Index().ToDictionary(l => l.Item, l => l.Index, StringComparer.Ordinal);
        int[] classes = [.. labels.Select(l => places[l])];
        Scorer scorer = _scorer switch
        {
            NearestMean means => means.With(features, classes, known.Length),
            NearestNeighbours neighbours => neighbours.With(features, classes, known.Length),
            _ => throw new InvalidOperationException(
                $"A logistic regression cannot learn without its earlier pictures: call {nameof(Refit)} with all, or train a "
                + $"{nameof(ClassifierKind.NearestMean)}."),
        };
        return new(scorer, known, Stamp) { Temperature = Temperature, Threshold = Threshold };
    }

    /// <summary>
    /// Returns a logistic regression of the same strength on other rows, such as the earlier ones and those of a new class. It begins at
    /// this classifier's coefficients and has no cross-validation, so it takes a fraction of the time. Temperature and threshold stay.
    /// </summary>
    /// <param name="features">The features of all pictures.</param>
    /// <param name="labels">The label of each row.</param>
    /// <param name="cancellationToken">Token to cancel the training.</param>
    /// <exception cref="InvalidOperationException">The classifier is no logistic regression.</exception>
    /// <exception cref="ArgumentException">There are not as many labels as rows, or the vectors have another length.</exception>
    /// <exception cref="FeatureDataException">There is one class, a class has one picture, or the features have another origin.</exception>
    public FeatureClassifier Refit(FeatureTable features, IReadOnlyList<string> labels, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (_scorer is not LinearScorer linear || Strength is not { } strength)
            throw new InvalidOperationException($"Only a logistic regression is fitted again: call {nameof(Add)} with the new pictures.");
        FeatureStamp.ThrowIfMixed(Stamp, features.Stamp, "the pictures");
        FeatureTable.ThrowIfOtherLength(features.Dimensions, Dimensions, nameof(features));
        var task = ClassifierTask.Of(features, labels, foldCount: 2, seed: 0);
        var start = LogisticRegression.PointOf(task, linear, Labels);
        var scorer = LogisticRegression.Fit(task, strength, start, new Preconditioner(task.Rows, cancellationToken), cancellationToken);
        return new(scorer, task.Labels, features.Stamp) { Strength = strength, Temperature = Temperature, Threshold = Threshold };
    }

    /// <summary>Returns <c>LogisticRegression of 1280 features -> cat, dog</c>.</summary>
    public override string ToString() => Printable.Of($"{Kind} of {Dimensions} features -> {string.Join(", ", Labels.Take(10))}");
}
