using TransferKit.Graph;

namespace TransferKit.Backbones.Trained;

/// <summary>
/// The bounds of what a trained model's description may ask for. They are checked before anything is built of it, and are
/// far beyond any model that can be trained.
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

    /// <summary>The first thing that is wrong, as a sentence; null where nothing is.</summary>
    /// <exception cref="FormatException">A layer of the head is not understood.</exception>
    /// <exception cref="ArgumentException">A layer of the head has no such size, or stands in no such place.</exception>
    public static string? Problem(TrainedDescription d)
    {
        if (d.InputSize is not [>= 1 and <= Side, >= 1 and <= Side])
            return $"its input_size is [{string.Join(", ", d.InputSize.Take(4))}]; it must be height and width, each from 1 to {Side}.";
        if (d.Alpha is not (null or (> 0 and <= Multiplier)))
            return $"its alpha is {d.Alpha}; it must be greater than 0 and at most {Multiplier}.";
        if (d.DepthMultiplier is not (null or (>= 1 and <= Multiplier)))
            return $"its depth_multiplier is {d.DepthMultiplier}; it must be from 1 to {Multiplier}.";
        if (!Enum.IsDefined(d.Task) || !Enum.IsDefined(d.Preprocess) || !Enum.IsDefined(d.Pooling) || !Enum.IsDefined(d.Interpolation))
            return "its task, preprocess, pooling or interpolation is none that is known.";
        return ProblemOfHead(d) ?? ProblemOfLabels(d);
    }

    private static string? ProblemOfHead(TrainedDescription d)
    {
        var layers = d.Head.Count(c => c == ',') + 1;
        if (d.Head.Length > HeadLength || layers > HeadLayers)
            return $"its head has {layers:N0} layers in {d.Head.Length:N0} characters; at most {HeadLayers} layers are read.";
        var head = HeadSpec.Parse(d.Head);
        if (head.Layers.OfType<Dense>().FirstOrDefault(l => l.Units > Units) is { } wide)
            return $"its head has a layer of {wide.Units:N0} units; at most {Units:N0} are read.";
        return (head.TakesMaps, d.Pooling) switch
        {
            (true, not Pooling.None) => $"its head flattens maps, and its pooling, {d.Pooling.ToString().ToLowerInvariant()}, leaves none.",
            (false, Pooling.None) => "its pooling is none, and its head takes pooled features.",
            _ => null,
        };
    }

    private static string? ProblemOfLabels(TrainedDescription d)
    {
        if (d.Labels.Length is 0 or > Classes)
            return $"it has {d.Labels.Length:N0} labels; a model has from 1 to {Classes:N0}.";
        if (d.Labels.Contains(null))
            return "one of its labels is null.";
        if (d.Labels.FirstOrDefault(l => l.Length > LabelLength) is { } wrong)
            return $"one of its labels has {wrong.Length:N0} characters; at most {LabelLength:N0} are read.";
        if (d.Labels.CountBy(l => l, StringComparer.Ordinal).FirstOrDefault(l => l.Value > 1).Key is { } twice)
            return $"the label '{twice}' is in it twice.";
        return (d.Task, d.Labels.Length) switch
        {
            (ModelTask.Binary, not 2) => $"it is binary and has {d.Labels.Length} labels; a binary model tells two classes apart.",
            (ModelTask.MultiClass, 1) => "it has one label only, and nothing to tell it from.",
            _ => null,
        };
    }
}
