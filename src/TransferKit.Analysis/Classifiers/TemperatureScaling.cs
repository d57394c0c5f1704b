using System.Numerics.Tensors;

namespace TransferKit.Analysis.Classifiers;

/// <summary>Turns scores into probabilities that are the shares of right answers: softmax of the scores over a temperature.</summary>
internal static class TemperatureScaling
{
    /// <summary>The class of a picture that is left out of loss and temperature.</summary>
    public const int Unknown = -1;

    private const double Least = 1e-6, Most = 1e6;
    private const int Halvings = 60;

    /// <summary>Returns the temperature of the least loss.</summary>
    /// <param name="scores">A row of scores for each picture.</param>
    /// <param name="classes">The class of each picture.</param>
    /// <param name="classCount">The number of classes.</param>
    public static double Temperature(double[] scores, int[] classes, int classCount)
    {
        // The loss is convex in the inverse temperature, so its slope has one root.
        var (low, high) = (Math.Log(1 / Most), Math.Log(1 / Least));
        for (var i = 0; i < Halvings && high - low > 1e-6; i++)
        {
            var middle = (low + high) / 2;
            if (Slope(scores, classes, classCount, Math.Exp(middle)) < 0)
                low = middle;
            else
                high = middle;
        }
        return Math.Exp(-(low + high) / 2);
    }

    /// <summary>Returns the mean cross-entropy.</summary>
    public static double Loss(double[] scores, int[] classes, int classCount, double temperature)
    {
        var (loss, count, row) = (0.0, 0, new double[classCount]);
        for (var i = 0; i < classes.Length; i++)
        {
            if (classes[i] == Unknown)
                continue;
            count++;
            ToProbabilities(scores.AsSpan(i * classCount, classCount), row, temperature);
            loss -= Math.Log(Math.Max(row[classes[i]], double.Epsilon));
        }
        return loss / count;
    }

    /// <summary>Computes the probabilities of one row of scores.</summary>
    public static void ToProbabilities(ReadOnlySpan<double> scores, Span<double> probabilities, double temperature)
    {
        TensorPrimitives.Divide(scores, temperature, probabilities);
        TensorPrimitives.SoftMax(probabilities, probabilities);
    }

    /// <summary>Returns the expected calibration error: the mean distance of confidence and accuracy in bins of confidence.</summary>
    public static double Error(double[] probabilities, int[] classes, int classCount, int bins = 15)
    {
        var (right, confidence) = (new double[bins], new double[bins]);
        for (var i = 0; i < classes.Length; i++)
        {
            var row = probabilities.AsSpan(i * classCount, classCount);
            var predicted = TensorPrimitives.IndexOfMax<double>(row);
            var bin = Math.Min(bins - 1, (int)(row[predicted] * bins));
            confidence[bin] += row[predicted];
            right[bin] += predicted == classes[i] ? 1 : 0;
        }
        return right.Zip(confidence, (r, c) => Math.Abs(r - c)).Sum() / classes.Length;
    }

    private static double Slope(double[] scores, int[] classes, int classCount, double inverse)
    {
        var (slope, row) = (0.0, new double[classCount]);
        for (var i = 0; i < classes.Length; i++)
        {
            if (classes[i] == Unknown)
                continue;
            var own = scores.AsSpan(i * classCount, classCount);
            ToProbabilities(own, row, 1 / inverse);
            slope += TensorPrimitives.Dot<double>(row, own) - own[classes[i]];
        }
        return slope;
    }
}
