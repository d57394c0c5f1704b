using System.Collections.Immutable;
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
/// What a name and options come to before anything is read or downloaded: the checked graph, the outputs and where the
/// weights are to come from.
/// </summary>
internal sealed class BackbonePlan : INetwork
{
    private BackbonePlan(Architecture architecture, BuildOptions build, BackboneOptions options)
    {
        // Ranges that were found in pictures of another preparation would be wrong ones.
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
        // Only the graph knows which layer pooling makes.
        if (options is { IncludeTop: false, Pooling: not Pooling.None } && !plan.Outputs.Contains(plan.Graph.Output))
        {
            var cut = options.AllStages ? "AllStages cuts" : $"Layers, which is {string.Join(", ", options.Layers)}, cuts";
            throw new BackboneOptionsException(
                architecture.Name, [$"Pooling is {options.Pooling}; it follows the end of the network, and {cut} before it."]);
        }
        return plan;
    }

    private static IEnumerable<string> CheckOutputs(BackboneOptions options)
    {
        if (options.AllStages && options.Layers.Count > 0)
            yield return $"AllStages chooses the layers; Layers, which is {string.Join(", ", options.Layers)}, goes without it.";
        foreach (var twice in options.Layers.CountBy(l => l).Where(l => l.Value > 1))
            yield return $"Layers names {twice.Key} {twice.Value} times; once is enough.";
        if (options.Preprocess is { } mode && !Enum.IsDefined(mode))
            yield return $"Preprocess is {mode}, which is none of its modes.";
        if (!Enum.IsDefined(options.Pooling))
            yield return $"Pooling is {options.Pooling}; it must be None, Avg or Max.";
        if (!Enum.IsDefined(options.ClassifierActivation))
            yield return $"ClassifierActivation is {options.ClassifierActivation}; it must be Softmax or None.";
        if (!Enum.IsDefined(options.Precision))
            yield return $"Precision is {options.Precision}; it must be Float32, Float16 or Int8.";
        if (options is { Precision: Precision.Int8, Calibration: null })
            yield return "Precision is Int8, which needs a Calibration: Calibration.Folder(\"photos\"), a hundred pictures like those that it will see.";
        if (options is { Precision: not Precision.Int8, Calibration: not null })
            yield return "Calibration goes with Precision.Int8; floats need none.";
        foreach (var problem in options.Calibration?.Problems() ?? [])
            yield return problem;
        if (options.InputSize is { Height: > 0, Width: > 0 } size && (long)size.Height * size.Width * 3 > Array.MaxLength)
            yield return $"InputSize is {size}; an image's numbers must fit into one array, {Array.MaxLength / 3:N0} pixels.";
    }

    /// <summary>Keras' ImageNet weights for these options; null where Keras publishes none.</summary>
    public CatalogEntry? PublishedWeights =>
        Architecture.WeightsKey(Build) is { } key ? WeightCatalog.Find(key, Build.IncludeTop) : null;

    /// <summary>The numbers for the graph's weights; a file's are bound and checked before the first is read.</summary>
    public Task<IWeightSource> OpenWeightsAsync(
        WeightStore store, IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken) =>
        WeightLoader.OpenAsync(Options.Weights, Graph, PublishedWeights, store, progress, cancellationToken);

    /// <summary>The model that the engine is to run. Its identity is all that decides what it computes, but for the weights.</summary>
    public ModelRequest ForEngine(IWeightSource weights, string? cacheFolder, CancellationToken cancellationToken)
    {
        // The hook may bring another processor, which knows ONNX' operators and not ours; bytes have operators of their own.
        var isForeign = Options is not { ConfigureSession: null, Calibration: null };
        var pictures = Options.Calibration?.Fingerprint(cancellationToken);
        return new()
        {
            Signature = new(Graph.Name, Graph.Input.OutputShape, [.. Outputs.Select(o => new ModelOutput(o.Name, o.OutputShape))]),
            Identity = $"{Architecture.Name} {Build.Identity} {string.Join(' ', Outputs.Select(o => o.Name))}\n{Options.Precision} {isForeign} {(pictures is null ? "" : $"{Preprocess} {pictures}")}",
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
            var model = Translate(form, weights, Options.Calibration?.Fingerprint(cancellationToken), CompiledModels(store), cancellationToken);
            OnnxExport.Write(model, weights, path, OnnxExport.Metadata(Graph.Name, Preprocess), cancellation: cancellationToken);
        });
    }

    /// <summary>Where compiled models and calibrations are kept; null where they are not to be, or other users may write there.</summary>
    /// <remarks>Random weights are seldom drawn twice, and would fill the cache with gigabytes.</remarks>
    public string? CompiledModels(WeightStore store) => Options.CacheCompiledModel && Options.Weights.Kind != WeightsKind.Random
        ? store.OpenCompiledModels()
        : null;

    /// <summary>The model that takes this input, in the precision that was asked for; one in int8 is calibrated first, or its calibration found in the cache.</summary>
    /// <param name="input">What it takes.</param>
    /// <param name="weights">Its numbers, for calibration.</param>
    /// <param name="pictures">The calibration's <see cref="Calibration.Fingerprint"/>; null without one.</param>
    /// <param name="cacheFolder">Where calibrations are kept; null to keep none.</param>
    /// <param name="cancellationToken">Stops the calibration.</param>
    private OnnxModel Translate(InputForm input, IWeightSource weights, string? pictures, string? cacheFolder, CancellationToken cancellationToken)
    {
        var model = Rounded(OnnxWriter.Translate(Graph, Outputs, input));
        if (Options.Calibration is not { } calibration || pictures is null)
            return model;
        // What takes pixels has the same values inside: one calibration serves both.
        var planar = input is InputForm.PlanarForm ? model : OnnxWriter.Translate(Graph, Outputs, InputForm.Planar);
        return Calibrator.Calibrate(planar, weights, calibration, pictures, InputSize, Preprocess, cacheFolder, cancellationToken).Apply(model);
    }

    private OnnxModel Rounded(OnnxModel model) => Options.Precision == Precision.Float16 ? Float16Writer.Apply(model) : model;

    private Layer Find(string name) => Graph.TryFind(name, out var layer)
        ? layer
        : throw UnknownNameException.OfLayer(Graph.Name, name, Graph.Layers.Select(l => l.Name));
}
