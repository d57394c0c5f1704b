namespace TransferKit;

/// <summary>Represents a picture whose label is probably wrong.</summary>
/// <param name="Row">The index of the row.</param>
/// <param name="Label">The label that it has.</param>
/// <param name="Suggested">The most probable class.</param>
/// <param name="Probability">The probability of that class, 0..1.</param>
/// <param name="Margin">The difference of the probabilities of that class and the label, 0..1.</param>
public sealed record DoubtfulLabel(int Row, string Label, string Suggested, double Probability, double Margin);
