namespace TransferKit;

/// <summary>One class that an image may show, and how sure the model is.</summary>
public sealed class Prediction
{
    internal Prediction(int index, string classId, string label, float score) =>
        (Index, ClassId, Label, Score) = (index, classId, label, score);

    /// <summary>The output's place, 0..999 for ImageNet.</summary>
    public int Index { get; }

    /// <summary>The class's WordNet id, <c>n02504458</c>; empty where the labels have none.</summary>
    public string ClassId { get; }

    /// <summary>Its name, <c>African_elephant</c>.</summary>
    public string Label { get; }

    /// <summary>The output's value: a probability 0..1 after softmax, else a logit.</summary>
    public float Score { get; }

    /// <summary>Refuses scores that no order has a place for: a NaN would be sorted last, as the least likely class.</summary>
    internal static void ThrowIfNaN(ReadOnlySpan<float> scores, int sample)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            if (!float.IsNaN(scores[i]))
                continue;
            throw new ArgumentException(
                $"The score of class {i} of sample {sample} is NaN: the model's weights or its input hold what is no number.", nameof(scores));
        }
    }

    /// <summary>As <c>African_elephant (n02504458): 0.8217</c>.</summary>
    public override string ToString() => ClassId.Length == 0
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Label}: {Score:0.0000}")
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Label} ({ClassId}): {Score:0.0000}");
}
