using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;

namespace TransferKit.Cli;

/// <summary>Defines the command-line options that choose a backbone, and reads them.</summary>
internal sealed class ModelOptions
{
    private readonly bool _includeTop;
    private readonly Pooling _pooling;

    /// <param name="includeTop">The default when neither --include-top nor --no-top is given.</param>
    /// <param name="pooling">The default of --pooling without the top.</param>
    /// <param name="weights">The default of --weights.</param>
    public ModelOptions(bool includeTop, Pooling pooling = TransferKit.Pooling.None, string weights = "imagenet")
    {
        (_includeTop, _pooling) = (includeTop, pooling);
        Weights = new("--weights", "-w")
        {
            Description = "The weights: imagenet, none (random), or a Keras file (.h5, .weights.h5, .keras).",
            DefaultValueFactory = _ => weights,
        };
        IncludeTop = new("--include-top") { Description = $"Include the classifier{(includeTop ? " (the default)" : "")}." };
        NoTop = new("--no-top") { Description = $"Omit the classifier{(includeTop ? "" : " (the default)")}." };
        Pooling = new("--pooling")
        {
            Description = "The pooling without the classifier: none, avg or max; cls, the first token, for an .onnx file of --model. "
                + (pooling == TransferKit.Pooling.None ? "Defaults to none."
                    : $"Defaults to {pooling.ToString().ToLowerInvariant()}, and none for a file."),
        };
    }

    public Option<string> Backbone { get; } = new("--backbone", "-b")
    {
        Description = "Keras' name of the network, which transferkit models lists. "
            + "Defaults to mobilenet_v2 with alpha 0.35, whose ImageNet weights are part of the tool.",
        CompletionSources = { _ => TransferKit.Backbone.All.Select(b => new CompletionItem(b.Name)) },
    };

    public Option<string> Weights { get; }
    public Option<int?> Seed { get; } = new("--seed") { Description = "The seed of random weights, for --weights none." };
    public Option<double?> Alpha { get; } = new("--alpha") { Description = "The width multiplier of a MobileNet, such as 0.35." };
    public Option<bool?> IncludeTop { get; }
    public Option<bool> NoTop { get; }
    public Option<OnnxPooling?> Pooling { get; }

    public Option<ImageSize?> InputSize { get; } = new("--input-size")
    {
        Description = "The height x width of images in pixels, such as 480x640. Defaults to the network's own.",
        CustomParser = ParseSize,
    };

    public Option<int?> Classes { get; } = new("--classes") { Description = "The number of classes of the classifier. Defaults to 1000." };
    public Option<string> Layer { get; } = new("--layer")
    {
        Description = "Keras' name of the layer to output, such as fc2. Defaults to the last layer.",
    };

    public Option<bool> NoCache { get; } = new("--no-cache") { Description = "Do not cache the compiled model beside the weights." };

    public Option<ExecutionDevice> Device { get; } = new("--device")
    {
        Description = "The device that runs the network: cpu, cuda, directml or coreml. Defaults to cpu.",
    };

    public Option<Precision> Precision { get; } = new("--precision")
    {
        Description = "float32, float16 (exported files of half the size) or int8 (faster, similar features). Defaults to float32.",
    };

    public Option<string> Calibration { get; } = new("--calibration")
    {
        Description = "For int8: a folder of about a hundred images like those that the network will see. Subfolders are included.",
    };

    public Option<CalibrationMethod> CalibrationMethod { get; } = new("--calibration-method")
    {
        Description = "The method of --calibration: percentile, min-max or entropy.",
        CustomParser = ParseMethod,
        DefaultValueFactory = _ => TransferKit.CalibrationMethod.Percentile,
    };

    /// <summary>Gets the options of the precision and its calibration.</summary>
    public IEnumerable<Option> Precisions => [Precision, Calibration, CalibrationMethod];

    /// <summary>Gets the options that commands add to <see cref="Backbone"/> and their own.</summary>
    public IEnumerable<Option> All =>
        GroupedHelp.Under("Network", [Weights, Seed, Alpha, IncludeTop, NoTop, Pooling, InputSize, Classes, Layer, NoCache, .. Precisions]);

    /// <summary>Gets the options that choose a network by name, which a model file has already.</summary>
    public IEnumerable<Option> NamesOnly =>
        [Backbone, Weights, Seed, Alpha, IncludeTop, NoTop, Pooling, Classes, NoCache, .. Precisions];

    /// <param name="parsed">The parsed command line.</param>
    /// <param name="images">The options of images, those of --calibration included; null for Keras' defaults.</param>
    /// <param name="name">The name of the network; null for the one of --backbone.</param>
    /// <param name="seedsMore">Whether the command uses the seed for more than random weights.</param>
    /// <param name="readsPooling">Whether --pooling is of the network by name, and not of a file.</param>
    public (string Name, BackboneOptions Options) Read(
        ParseResult parsed, ImageLoadOptions? images = null, string? name = null, bool seedsMore = false,
        bool readsPooling = true)
    {
        name ??= parsed.GetValue(Backbone);
        var alpha = parsed.GetValue(Alpha) ?? (name is null ? 0.35 : null);
        var weights = parsed.GetValue(Weights) ?? "imagenet";
        var seed = parsed.GetValue(Seed);
        var isRandom = weights.Equals("none", StringComparison.OrdinalIgnoreCase);
        if (seed is not null && !isRandom && !seedsMore)
            throw new ArgumentException("--seed needs --weights none: only random weights have a seed.");
        if (parsed.GetValue(Calibration) is null && parsed.GetResult(CalibrationMethod) is { Implicit: false })
            throw new ArgumentException("--calibration-method needs --calibration FOLDER.");
        if (parsed.GetValue(NoTop) && parsed.GetValue(IncludeTop) == true)
            throw new ArgumentException("--include-top and --no-top exclude each other.");

        var includeTop = parsed.GetValue(IncludeTop) ?? (!parsed.GetValue(NoTop) && _includeTop);
        var layer = parsed.GetValue(Layer);
        return (name ?? "mobilenet_v2", new()
        {
            IncludeTop = includeTop,
            Pooling = (readsPooling ? Named(parsed.GetValue(Pooling)) : null)
                ?? (includeTop || layer is not null ? TransferKit.Pooling.None : _pooling),
            InputSize = parsed.GetValue(InputSize),
            Classes = parsed.GetValue(Classes) ?? 1000,
            Weights = isRandom ? TransferKit.Weights.Random(seed ?? 0) : weights,
            Layers = layer is null ? [] : [layer],
            Alpha = alpha,
            CacheCompiledModel = !parsed.GetValue(NoCache),
            Device = parsed.GetValue(Device),
            Precision = parsed.GetValue(Precision),
            Calibration = parsed.GetValue(Calibration) is { } folder
                ? TransferKit.Calibration.Folder(folder) with { Method = parsed.GetValue(CalibrationMethod) }
                : null,
            Images = images ?? new(),
            Store = StoreOptions.Read(parsed) with { Bundled = [MobileNetV2Weights.Alpha035NoTop] },
        });
    }

    private static Pooling? Named(OnnxPooling? pooling) => pooling switch
    {
        null => null,
        OnnxPooling.None => TransferKit.Pooling.None,
        OnnxPooling.Avg => TransferKit.Pooling.Avg,
        OnnxPooling.Max => TransferKit.Pooling.Max,
        _ => throw new ArgumentException("--pooling cls needs --model FILE.onnx: Keras' networks have no tokens."),
    };

    private static CalibrationMethod ParseMethod(ArgumentResult result)
    {
        var text = result.Tokens[0].Value.Replace("-", "", StringComparison.Ordinal);
        if (Enum.TryParse<CalibrationMethod>(text, ignoreCase: true, out var method) && Enum.IsDefined(method))
            return method;
        result.AddError($"--calibration-method is '{result.Tokens[0].Value}'; it must be percentile, min-max or entropy.");
        return default;
    }

    private static ImageSize? ParseSize(ArgumentResult result)
    {
        if (ImageSize.TryParse(result.Tokens[0].Value, null, out var size))
            return size;
        result.AddError($"--input-size is '{result.Tokens[0].Value}'; it must be height x width, such as 480x640.");
        return null;
    }
}
