using System.Numerics.Tensors;

namespace TransferKit.Analysis.Classifiers;

/// <summary>Represents the numbers of a trained classifier: it gives a score for each class, the logarithm of a weight.</summary>
internal abstract class Scorer
{
    public abstract int Dimensions { get; }

    /// <summary>Computes the scores of a vector.</summary>
    public abstract void Score(ReadOnlySpan<float> features, Span<double> scores);
}

/// <summary>Scores by one linear function for each class.</summary>
/// <param name="coefficients">A row of coefficients for each class, one after another.</param>
/// <param name="intercepts">The intercept of each class.</param>
internal sealed class LinearScorer(float[] coefficients, float[] intercepts) : Scorer
{
    public float[] Coefficients => coefficients;

    public float[] Intercepts => intercepts;

    public override int Dimensions => coefficients.Length / intercepts.Length;

    public override void Score(ReadOnlySpan<float> features, Span<double> scores)
    {
        for (var c = 0; c < intercepts.Length; c++)
            scores[c] = TensorPrimitives.Dot(features, coefficients.AsSpan(c * features.Length, features.Length)) + intercepts[c];
    }
}
