using TransferKit.Graph;

namespace TransferKit.Backbones.Trained;

/// <summary>
/// Limits the values of a trained model's description before anything is built from it. A hostile description cannot cost much time
/// or memory; the limits are far beyond any model that can be trained.
/// </summary>
internal static class TrainedLimits
{
    public const int Bytes = 16 << 20;

    private const int Side = 4096;
    private const int Multiplier = 64;
    private const int HeadLayers = 100;
    private const int HeadLength = 100 * HeadLayers;
    private const int Units = 1 << 20;
    private const int Classes = 100_000;
    private const int LabelLength = 1000;

    /// <summary>Returns the first problem as a sentence; null if there is none.</summary>
    /// <exception cref="FormatException">A layer of the head is unknown.</exception>
    /// <exception cref="ArgumentException">A layer of the head has an invalid size or position.</exception>
    public static string? Problem(TrainedDescription d)
    {
        if (d.InputSize is not [>= 1 and <= Side, >= 1 and <= Side])
            return $"its input_size is [{string.Join(", ", d.InputSize.Take(4))}]; it must be height and width, each from 1 to {Side}.";
        if (d.Alpha is not (null or (> 0 and <= Multiplier)))
            return $"its alpha is {d.Alpha}; it must be greater than 0 and at most {Multiplier}.";
        if (d.DepthMultiplier is not (null or (>= 1 and <= Multiplier)))
            return $"its depth_multiplier is {d.DepthMultiplier}; it must be from 1 to {Multiplier}.";
        if (!Enum.IsDefined(d.Pooling))
            return "its pooling has an unknown value.";
        return Problem((ModelNotes)d) ?? ProblemOfHead(d);
    }

    /// <summary>Returns the first problem of the notes as a sentence; null if there is none.</summary>
    public static string? Problem(ModelNotes n)
    {
        if (!Enum.IsDefined(n.Task) || !Enum.IsDefined(n.Preprocess) || !Enum.IsDefined(n.Interpolation))
            return "its task, preprocess or interpolation has an unknown value.";
        return n.Images.Problems().FirstOrDefault() ?? ProblemOfLabels(n);
    }

    private static string? ProblemOfHead(TrainedDescription d)
    {
        var layers = d.Head.Count(c => c == ',') + 1;
        if (d.Head.Length > HeadLength || layers > HeadLayers)
            return $"its head has {layers:N0} layers in {d.Head.Length:N0} characters; the limits are {HeadLayers} and {HeadLength:N0}.";
        var head = HeadSpec.Parse(d.Head);
        if (head.Layers.OfType<Dense>().FirstOrDefault(l => l.Units > Units) is { } wide)
            return $"its head has a layer of {wide.Units:N0} units; the limit is {Units:N0}.";
        return (head.TakesMaps, d.Pooling) switch
        {
            (true, not Pooling.None) => $"its head flattens maps, but its pooling is {d.Pooling.ToString().ToLowerInvariant()}, not none.",
            (false, Pooling.None) => "its pooling is none, but its head takes pooled features; it must be avg or max.",
            _ => null,
        };
    }

    private static string? ProblemOfLabels(ModelNotes d)
    {
        if (d.Labels.Length is 0 or > Classes)
            return $"it has {d.Labels.Length:N0} labels; a model has from 1 to {Classes:N0}.";
        if (d.Labels.Contains(null))
            return "one of its labels is null.";
        if (d.Labels.FirstOrDefault(l => l.Length > LabelLength) is { } wrong)
            return $"one of its labels has {wrong.Length:N0} characters; the limit is {LabelLength:N0}.";
        if (d.Labels.CountBy(l => l, StringComparer.Ordinal).FirstOrDefault(l => l.Value > 1).Key is { } twice)
            return $"it has the label '{twice}' twice.";
        return (d.Task, d.Labels.Length) switch
        {
            (ModelTask.Binary, not 2) => $"it is binary and has {d.Labels.Length} labels; a binary model has two.",
            (ModelTask.MultiClass, 1) => "it is multi_class and has one label; it must have at least two.",
            _ => null,
        };
    }
}
