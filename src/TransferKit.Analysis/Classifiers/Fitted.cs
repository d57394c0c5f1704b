namespace TransferKit.Analysis.Classifiers;

/// <summary>Represents a trained classifier before its calibration.</summary>
/// <param name="Scorer">The numbers, trained on all rows.</param>
/// <param name="HeldOut">The scores of each row by a classifier that was trained without the row's fold: a row of classes for each.</param>
/// <param name="Strengths">The mean loss of held-out rows by strength; empty where there is none to choose.</param>
/// <param name="Strength">The chosen strength.</param>
internal sealed record Fitted(
    Scorer Scorer, double[] HeldOut, IReadOnlyList<KeyValuePair<double, double>> Strengths, double? Strength);
