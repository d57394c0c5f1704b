using System.Collections.Immutable;
using System.Globalization;
using TransferKit.Architectures;
using TransferKit.Common;
using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Files;
using TransferKit.Onnx.Plan;
using TransferKit.Quantization;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Files;
using TransferKit.WeightSources.Store;

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

    public static BackbonePlan Of(string name, BackboneOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.Weights);
        ArgumentNullException.ThrowIfNull(options.Layers);
        ArgumentNullException.ThrowIfNull(options.Images);
        var architecture = Registry.All.FirstOrDefault(a => a.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? Registry.All.FirstOrDefault(a => a.KerasName.Equals(name, StringComparison.OrdinalIgnoreCase))
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
        string[] problems = [.. OptionRules.Check(architecture, build), .. CheckOutputs(options)];
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

    private static IEnumerable<string> CheckOutputs(BackboneOptions options)
    {
        if (options.AllStages && options.Layers.Count > 0)
            yield return $"AllStages chooses the layers itself; leave Layers, which is {string.Join(", ", options.Layers)}, empty.";
        foreach (var twice in options.Layers.CountBy(l => l).Where(l => l.Value > 1))
            yield return $"Layers names {twice.Key} {twice.Value} times; name it once.";
        if (options.Preprocess is { } mode && !Enum.IsDefined(mode))
            yield return $"Preprocess is {mode}; it must be None, Caffe, Tf or Torch.";
        if (!Enum.IsDefined(options.Pooling))
            yield return $"Pooling is {options.Pooling}; it must be None, Avg or Max.";
        if (!Enum.IsDefined(options.ClassifierActivation))
            yield return $"ClassifierActivation is {options.ClassifierActivation}; it must be Softmax or None.";
        if (!Enum.IsDefined(options.Precision))
            yield return $"Precision is {options.Precision}; it must be Float32, Float16 or Int8.";
        if (options is { Precision: Precision.Int8, Calibration: null })
        {
            yield return "Precision is Int8, which needs a Calibration: Calibration.Folder(\"photos\"), "
                + "with a hundred images like those that the backbone will see.";
        }
        if (options is { Precision: not Precision.Int8, Calibration: not null })
            yield return "Calibration needs Precision.Int8; leave it null for floats.";
        foreach (var problem in options.Calibration?.Problems() ?? [])
            yield return problem;
        if (options.InputSize is { Height: > 0, Width: > 0 } size && (long)size.Height * size.Width * 3 > Array.MaxLength)
            yield return $"InputSize is {size}; an image must fit into one array, which holds {Array.MaxLength / 3:N0} pixels.";
    }

    /// <summary>Gets Keras' ImageNet weights for these options; null if Keras publishes none.</summary>
    public CatalogEntry? PublishedWeights =>
        Architecture.WeightsKey(Build) is { } key ? WeightCatalog.Find(key, Build.IncludeTop) : null;

    /// <summary>Returns the options that determine the features, by Keras' names, in invariant text.</summary>
    public IReadOnlyDictionary<string, string> Describe()
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["include_top"] = Build.IncludeTop ? "true" : "false",
            ["pooling"] = Text(Build.Pooling),
            ["classes"] = Build.Classes.ToString(CultureInfo.InvariantCulture),
            ["classifier_activation"] = Text(Build.ClassifierActivation),
            ["precision"] = Text(Options.Precision),
        };
        Add("alpha", Build.Alpha);
        Add("depth_multiplier", Build.DepthMultiplier);
        Add("minimalistic", Build.Minimalistic);
        Add("include_preprocessing", Build.IncludePreprocessing);
        if (Options.Calibration is { } calibration)
            options["calibration"] = calibration.Fingerprint(CancellationToken.None);
        return options;

        void Add(string name, object? value)
        {
            if (value is not null)
                options[name] = Text(value);
        }
    }

    /// <summary>Opens the source of the graph's weights. A file is bound to the graph and checked before any weight is read.</summary>
    public Task<IWeightSource> OpenWeightsAsync(
        WeightStore store, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken) =>
        WeightLoader.OpenAsync(Options.Weights, Graph, PublishedWeights, store, progress, cancellationToken);

    /// <summary>Gets the model for the engine. Its identity covers everything that determines its results, except the weights.</summary>
    public ModelRequest ForEngine(IWeightSource weights, string? cacheFolder, CancellationToken cancellationToken)
    {
        // ConfigureSession may add an execution provider that lacks our operators; int8 uses ONNX' quantized ones.
        var isForeign = Options is not { ConfigureSession: null, Calibration: null };
        var pictures = Options.Calibration?.Fingerprint(cancellationToken);
        return new()
        {
            Signature = new(Graph.Name, Graph.Input.OutputShape, [.. Outputs.Select(o => new ModelOutput(o.Name, o.OutputShape))]),
            Identity = $"{Architecture.Name} {Build.Identity} {string.Join(' ', Outputs.Select(o => o.Name))}\n"
                + $"{Options.Precision} {isForeign} {(pictures is null ? "" : $"{Preprocess} {pictures}")}",
            Make = () => isForeign
                ? Translate(InputForm.Planar, weights, pictures, cacheFolder, cancellationToken)
                : Rounded(OnnxWriter.TranslateForEngine(Graph, Outputs)),
        };
    }

    public async Task SaveWeightsAsync(
        string path, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken)
    {
        OutputTarget.OfWritable(path, ".h5");
        using var weights = await OpenWeightsAsync(new(Options.Store), progress, cancellationToken).ConfigureAwait(false);
        LegacyH5Writer.Write(path, Graph, weights, cancellationToken);
    }

    public async Task ExportAsync(
        string path, OnnxInput input, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken)
    {
        OutputTarget.OfWritable(path, ".onnx");
        var store = new WeightStore(Options.Store);
        using var weights = await OpenWeightsAsync(store, progress, cancellationToken).ConfigureAwait(false);
        var form = InputForm.Pixels(
            input == OnnxInput.Bytes ? PixelType.Byte : PixelType.Float, input == OnnxInput.Prepared ? PreprocessMode.None : Preprocess);
        OutputFileException.Wrapping(path, () =>
        {
            var pictures = Options.Calibration?.Fingerprint(cancellationToken);
            var model = Translate(form, weights, pictures, CompiledModels(store), cancellationToken);
            OnnxExport.Write(model, weights, path, OnnxExport.Metadata(Graph.Name, Preprocess), cancellation: cancellationToken);
        });
    }

    /// <summary>Opens the cache of compiled models and calibrations; null if caching is off or other users can write there.</summary>
    /// <remarks>Random weights are not cached: they are seldom drawn twice, and would fill the disk.</remarks>
    public string? CompiledModels(WeightStore store) => Options.CacheCompiledModel && Options.Weights.Kind != WeightsKind.Random
        ? store.OpenCompiledModels()
        : null;

    /// <summary>Translates the graph to a model in the options' precision. Int8 is calibrated, or a cached calibration used.</summary>
    /// <param name="input">The form of the model's input.</param>
    /// <param name="weights">The weights, which calibration runs with.</param>
    /// <param name="pictures">The <see cref="Calibration.Fingerprint"/> of the calibration, if any.</param>
    /// <param name="cacheFolder">The cache folder of calibrations; null to cache none.</param>
    /// <param name="cancellationToken">Token to cancel the calibration.</param>
    private OnnxModel Translate(
        InputForm input, IWeightSource weights, string? pictures, string? cacheFolder, CancellationToken cancellationToken)
    {
        var model = Rounded(OnnxWriter.Translate(Graph, Outputs, input));
        if (Options.Calibration is not { } calibration || pictures is null)
            return model;
        // The values inside do not depend on the form of the input, so one calibration serves all forms.
        var planar = input is InputForm.PlanarForm ? model : OnnxWriter.Translate(Graph, Outputs, InputForm.Planar);
        return Calibrator
            .Calibrate(planar, weights, calibration, pictures, InputSize, Preprocess, cacheFolder, cancellationToken)
            .Apply(model);
    }

    private OnnxModel Rounded(OnnxModel model) => Options.Precision == Precision.Float16 ? Float16Writer.Apply(model) : model;

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!.ToLowerInvariant();

    private Layer Find(string name) => Graph.TryFind(name, out var layer)
        ? layer
        : throw UnknownNameException.OfLayer(Graph.Name, name, Graph.Layers.Select(l => l.Name));
}
