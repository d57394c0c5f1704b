using System.Collections.Immutable;
using System.Globalization;
using TransferKit.Architectures;
using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Backbones;

/// <summary>
/// Represents a backbone before anything is read or downloaded: checked options, the graph, its outputs and the source of the
/// weights.
/// </summary>
internal sealed class BackbonePlan : INetwork
{
    private BackbonePlan(Architecture architecture, BuildOptions build, BackboneOptions options)
    {
        // Calibration images need the preparation of later images: ranges of other pixels would be wrong.
        var calibration = options.Calibration is { Images: null } own ? own with { Images = options.Images } : options.Calibration;
        (Architecture, Build, Options) = (architecture, build, options with { Calibration = calibration });
        Graph = architecture.Build(build);
        Outputs = options.AllStages ? [.. Stages.Of(Graph).Select(s => s.Layer)]
            : options.Layers.Count > 0 ? [.. options.Layers.Select(Find)]
            : [Graph.Output];
    }

    public Architecture Architecture { get; }
    public BuildOptions Build { get; }
    public BackboneOptions Options { get; }
    public LayerGraph Graph { get; }
    public ImmutableArray<Layer> Outputs { get; }
    public ImageSize InputSize => Build.InputSize;
    public PreprocessMode Preprocess => Options.Preprocess ?? Architecture.Preprocess;
    public ImageLoadOptions Images => Options.Images;
    public string Identity => $"{Architecture.Name} {Build.Identity}";

    /// <summary>Gets Keras' ImageNet weights for these options; null if Keras publishes none.</summary>
    public CatalogEntry? PublishedWeights =>
        Architecture.WeightsKey(Build) is { } key ? WeightCatalog.Find(key, Build.IncludeTop) : null;

    public static BackbonePlan Of(string name, BackboneOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.Weights);
        ArgumentNullException.ThrowIfNull(options.Layers);
        ArgumentNullException.ThrowIfNull(options.Images);
        var architecture = Registry.Find(name)
            ?? throw UnknownNameException.OfBackbone(name, [.. Registry.All.Select(a => a.Name)]);

        var build = new BuildOptions
        {
            InputSize = options.InputSize ?? architecture.DefaultSize,
            IncludeTop = options.IncludeTop,
            Pooling = options.Pooling,
            Classes = options.Classes,
            ClassifierActivation = options.ClassifierActivation,
            Alpha = options.Alpha,
            DepthMultiplier = options.DepthMultiplier,
            Minimalistic = options.Minimalistic,
            IncludePreprocessing = options.IncludePreprocessing,
            DropoutRate = options.DropoutRate,
            DropConnectRate = options.DropConnectRate,
            ImageNetWeights = options.Weights.Kind == WeightsKind.ImageNet,
        };
        string[] problems = [.. OptionRules.Check(architecture, build), .. BackboneOptionRules.Check(options)];
        if (problems.Length > 0)
            throw new BackboneOptionsException(architecture.Name, problems);
        var plan = new BackbonePlan(architecture, build, options);
        // Only the built graph shows which layer the pooling adds.
        if (options is { IncludeTop: false, Pooling: not Pooling.None } && !plan.Outputs.Contains(plan.Graph.Output))
        {
            var cut = options.AllStages ? "AllStages ends" : $"Layers, which is {string.Join(", ", options.Layers)}, ends";
            throw new BackboneOptionsException(
                architecture.Name, [$"Pooling is {options.Pooling}; it follows the last layer, and {cut} the network before it."]);
        }
        return plan;
    }

    /// <summary>Returns the options that determine the features, by Keras' names, in invariant text.</summary>
    public IReadOnlyDictionary<string, string> Describe()
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["include_top"] = Text(Build.IncludeTop),
            ["pooling"] = Text(Build.Pooling),
            ["classes"] = Text(Build.Classes),
            ["classifier_activation"] = Text(Build.ClassifierActivation),
            ["precision"] = Text(Options.Precision),
        };
        Add("alpha", Build.Alpha);
        Add("depth_multiplier", Build.DepthMultiplier);
        Add("minimalistic", Build.Minimalistic);
        Add("include_preprocessing", Build.IncludePreprocessing);
        Add("calibration", Options.Calibration?.Fingerprint(CancellationToken.None));
        return options;

        void Add(string name, object? value)
        {
            if (value is not null)
                options[name] = Text(value);
        }
    }

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!.ToLowerInvariant();

    private Layer Find(string name) => Graph.TryFind(name, out var layer)
        ? layer
        : throw UnknownNameException.OfLayer(Graph.Name, name, Graph.Layers.Select(l => l.Name));
}
