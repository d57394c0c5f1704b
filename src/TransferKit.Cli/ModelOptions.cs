using System.CommandLine;
using System.CommandLine.Parsing;

namespace TransferKit.Cli;

/// <summary>The options by which a command says which backbone it means, and what they come to.</summary>
internal sealed class ModelOptions
{
    private readonly bool _includeTop;
    private readonly Pooling _pooling;

    /// <param name="includeTop">What holds when neither --include-top nor --no-top is given.</param>
    /// <param name="pooling">What holds when --pooling is not given and the top is off.</param>
    /// <param name="weights">What holds when --weights is not given.</param>
    public ModelOptions(bool includeTop, Pooling pooling = TransferKit.Pooling.None, string weights = "imagenet")
    {
        (_includeTop, _pooling) = (includeTop, pooling);
        Weights = new("--weights", "-w")
        {
            Description = $"imagenet, none (random numbers), or a Keras file: .h5, .weights.h5, .keras. {weights} when left out.",
            DefaultValueFactory = _ => weights,
        };
        IncludeTop = new("--include-top") { Description = $"Include the classifier{(includeTop ? " (the default)" : "")}." };
        NoTop = new("--no-top") { Description = $"Leave the classifier out{(includeTop ? "" : " (the default)")}." };
        Pooling = new("--pooling") { Description = $"none, avg or max, with the top off; {pooling.ToString().ToLowerInvariant()} when left out." };
    }

    public Option<string> Backbone { get; } = new("--backbone", "-b")
    {
        Description = "The network, by Keras' name (transferkit models lists them). Left out: mobilenet_v2 of alpha 0.35, whose ImageNet weights come with the tool.",
    };

    public Option<string> Weights { get; }
    public Option<int?> Seed { get; } = new("--seed") { Description = "The seed of random weights, for --weights none." };
    public Option<double?> Alpha { get; } = new("--alpha") { Description = "The width of a MobileNet, 0.35 to 1.4." };
    public Option<bool?> IncludeTop { get; }
    public Option<bool> NoTop { get; }
    public Option<Pooling?> Pooling { get; }

    public Option<ImageSize?> InputSize { get; } = new("--input-size")
    {
        Description = "Height x width in pixels, 480x640; the network's own when left out.",
        CustomParser = ParseSize,
    };

    public Option<int?> Classes { get; } = new("--classes") { Description = "How many classes the top tells apart; 1000 when left out." };
    public Option<string> Layer { get; } = new("--layer") { Description = "The layer whose output is wanted, by Keras' name (fc2)." };

    public Option<bool> NoCache { get; } = new("--no-cache") { Description = "Keep no compiled model beside the weights." };

    public Option<Precision> Precision { get; } = new("--precision") { Description = "float32 (the default); float16: weights of 16 bits, half the exported file; or int8: two to three times as fast, and close." };

    public Option<string> Calibration { get; } = new("--calibration")
    {
        Description = "For int8: a folder of a hundred pictures or so, like those that the network will see; folders below count.",
    };

    public Option<CalibrationMethod> CalibrationMethod { get; } = new("--calibration-method")
    {
        Description = "percentile (the default), min-max or entropy.",
        CustomParser = ParseMethod,
        DefaultValueFactory = _ => TransferKit.CalibrationMethod.Percentile,
    };

    /// <summary>The options by which a command says in which numbers a backbone computes.</summary>
    public IEnumerable<Option> Precisions => [Precision, Calibration, CalibrationMethod];

    /// <summary>The options that every command has; a command adds those that it needs besides.</summary>
    public IEnumerable<Option> All => [Weights, Seed, Alpha, IncludeTop, NoTop, Pooling, InputSize, Classes, Layer, NoCache, .. Precisions];

    /// <param name="parsed">The command line.</param>
    /// <param name="images">How the backbone's pictures become pixels, those of --calibration too; Keras' defaults when null.</param>
    /// <param name="name">The network; what --backbone says when null.</param>
    /// <param name="seedsMore">Whether the seed is for more than random weights.</param>
    public (string Name, BackboneOptions Options) Read(
        ParseResult parsed, ImageLoadOptions? images = null, string? name = null, bool seedsMore = false)
    {
        name ??= parsed.GetValue(Backbone);
        var alpha = parsed.GetValue(Alpha) ?? (name is null ? 0.35 : null);
        var weights = parsed.GetValue(Weights) ?? "imagenet";
        var seed = parsed.GetValue(Seed);
        var isRandom = weights.Equals("none", StringComparison.OrdinalIgnoreCase);
        if (seed is not null && !isRandom && !seedsMore)
            throw new ArgumentException("--seed goes with --weights none: other weights are not drawn.");
        if (parsed.GetValue(Calibration) is null && parsed.GetResult(CalibrationMethod) is { Implicit: false })
            throw new ArgumentException("--calibration-method goes with --calibration FOLDER: without it nothing is calibrated.");
        if (parsed.GetValue(NoTop) && parsed.GetValue(IncludeTop) == true)
            throw new ArgumentException("--include-top and --no-top exclude each other.");

        var includeTop = parsed.GetValue(IncludeTop) ?? (!parsed.GetValue(NoTop) && _includeTop);
        var layer = parsed.GetValue(Layer);
        return (name ?? "mobilenet_v2", new()
        {
            IncludeTop = includeTop,
            Pooling = parsed.GetValue(Pooling) ?? (includeTop || layer is not null ? TransferKit.Pooling.None : _pooling),
            InputSize = parsed.GetValue(InputSize),
            Classes = parsed.GetValue(Classes) ?? 1000,
            Weights = isRandom ? TransferKit.Weights.Random(seed ?? 0) : weights,
            Layers = layer is null ? [] : [layer],
            Alpha = alpha,
            CacheCompiledModel = !parsed.GetValue(NoCache),
            Precision = parsed.GetValue(Precision),
            Calibration = parsed.GetValue(Calibration) is { } folder
                ? TransferKit.Calibration.Folder(folder) with { Method = parsed.GetValue(CalibrationMethod) }
                : null,
            Images = images ?? new(),
            Store = new() { Bundled = [MobileNetV2Weights.Alpha035NoTop] },
        });
    }

    private static CalibrationMethod ParseMethod(ArgumentResult result)
    {
        if (Enum.TryParse<CalibrationMethod>(result.Tokens[0].Value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var method) && Enum.IsDefined(method))
            return method;
        result.AddError($"--calibration-method takes min-max, percentile or entropy, and not '{result.Tokens[0].Value}'.");
        return default;
    }

    private static ImageSize? ParseSize(ArgumentResult result)
    {
        if (ImageSize.TryParse(result.Tokens[0].Value, null, out var size))
            return size;
        result.AddError($"--input-size takes height x width, such as 480x640, and not '{result.Tokens[0].Value}'.");
        return null;
    }
}
