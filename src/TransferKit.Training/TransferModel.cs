using TransferKit.Backbones;
using TransferKit.Backbones.Trained;
using TransferKit.Common;
using TransferKit.Graph;
using TransferKit.Training.Fitting;
using TransferKit.Training.Torch;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;

namespace TransferKit.Training;

/// <summary>
/// A backbone with a head of its own, to be trained: the head alone on a frozen backbone, some of the backbone too, or all
/// of it from nothing. Not for several threads at once.
/// </summary>
public sealed class TransferModel : IDisposable
{
    private readonly TrainedDescription _description;
    private readonly HashSet<string> _backboneLayers;

    private TransferModel(TrainedDescription description, LayerGraph backbone, IWeightSource weights, ImageLoadOptions images, string device)
    {
        TorchRuntime.Ensure();
        (_description, Images, UnboundLayers) = (description, images, weights.UnboundLayers);
        Network = TrainedModel.Describe(description);
        _backboneLayers = [.. backbone.Layers.Select(l => l.Name)];
        Graph = new(Network.Graph, weights, TorchSharp.torch.device(device));
        Freeze();
    }

    /// <summary>The classes' names in the order of the outputs.</summary>
    public IReadOnlyList<string> Labels => _description.Labels;

    /// <summary>What the outputs mean.</summary>
    public ModelTask Task => _description.Task;

    /// <summary>The backbone's name.</summary>
    public string Backbone => _description.Backbone;

    /// <summary>The height and width of the images.</summary>
    public ImageSize InputSize => Network.InputSize;

    /// <summary>How image files are read.</summary>
    public ImageLoadOptions Images { get; }

    /// <summary>
    /// Gets the names of the backbone's layers that began with random values because the weight file does not name them,
    /// <see cref="IBackbone.UnboundLayers"/>.
    /// </summary>
    public IReadOnlyList<string> UnboundLayers { get; }

    /// <summary>Which batch normalisations of the backbone run as in training.</summary>
    public BatchNormalizationMode BatchNormalization { get; set; }

    /// <summary>
    /// How slowly the moving means and variances follow (Keras: <c>momentum</c>), for all layers; each layer's own when null.
    /// Keras' MobileNets have 0.999, so that a run of few steps leaves them behind: 0.9 suits it.
    /// </summary>
    public double? BatchNormalizationMomentum
    {
        get => Graph.Momentum;
        set => Graph.Momentum = value is null or (>= 0 and < 1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A momentum is from 0 to under 1.");
    }

    /// <summary>The first layer that learns; null where all of the backbone is frozen and only the head learns.</summary>
    public string? FineTunedFrom { get; private set; }

    internal Network Network { get; }
    internal TorchGraph Graph { get; }
    internal PreprocessMode Preprocess => Network.Preprocess;
    internal int OutputCount => _description.OutputCount;

    /// <summary>The kernels of the head's dense layers, the last one's too.</summary>
    internal IEnumerable<TorchSharp.torch.Tensor> HeadKernels =>
        Graph.Graph.Layers.Where(l => l.Op is Dense && !_backboneLayers.Contains(l.Name)).Select(l => Graph.WeightsOf(l)[0]);

    /// <summary>Makes a model: the backbone with its weights, frozen, and a head with initial values. With random weights all layers learn.</summary>
    /// <param name="backbone">Keras' name, <c>mobilenet_v2</c>.</param>
    /// <param name="labels">The classes in the order of the outputs, such as <see cref="ImageFolder.Classes"/>.</param>
    /// <param name="options">Weights, head, task; Keras' defaults when left out.</param>
    /// <param name="progress">Told of the download of weights.</param>
    /// <param name="cancellationToken">Stops the download.</param>
    /// <exception cref="UnknownNameException">There is no such backbone.</exception>
    /// <exception cref="BackboneOptionsException">The options do not fit each other or the backbone.</exception>
    /// <exception cref="TrainingDataException">There are not enough classes for the task.</exception>
    /// <exception cref="TorchUnavailableException">libtorch does not load.</exception>
    public static TransferModel Create(
        string backbone, IReadOnlyList<string> labels, TransferModelOptions? options = null,
        IProgress<WeightDownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(labels);
        options ??= new();
        CheckLabels(labels, options.Task);
        var head = options.Head.Spec;
        var images = options.Images ?? options.Backbone.Images;
        if (Ignored(options.Backbone, head) is { } ignored)
            throw new BackboneOptionsException(backbone, [ignored]);
        var pooled = options.Backbone.Pooling == Pooling.None ? Pooling.Avg : options.Backbone.Pooling;
        var plan = BackbonePlan.Of(backbone, options.Backbone with
        {
            IncludeTop = false,
            Pooling = head.TakesMaps ? Pooling.None : pooled,
        });
        var description = new TrainedDescription
        {
            Backbone = plan.Architecture.Name,
            InputSize = [plan.InputSize.Height, plan.InputSize.Width],
            Alpha = plan.Build.Alpha,
            DepthMultiplier = plan.Build.DepthMultiplier,
            Minimalistic = plan.Build.Minimalistic,
            IncludePreprocessing = plan.Build.IncludePreprocessing,
            DropConnectRate = plan.Build.DropConnectRate,
            ImageNetWeights = plan.Build.ImageNetWeights,
            Pooling = plan.Build.Pooling,
            Head = head.ToString(),
            Task = options.Task,
            Labels = [.. labels],
            Preprocess = plan.Preprocess,
            Interpolation = images.Interpolation,
            ExifOrientation = images.Decode.ApplyExifOrientation,
            FastDecode = images.Decode.Fast ? true : null,
        };
        using var weights = System.Threading.Tasks.Task.Run(
            () => plan.OpenWeightsAsync(new WeightStore(plan.Options.Store), progress, cancellationToken), cancellationToken).GetAwaiter().GetResult();
        using var all = new CombinedWeights(plan.Graph, weights, new InitialWeights(options.Seed));
        var model = new TransferModel(description, plan.Graph, all, images, options.Device);
        if (options.Backbone.Weights.Kind == WeightsKind.Random)
            model.FineTuneAll();
        return model;
    }

    /// <summary>Loads a model that was saved, to evaluate it or to train it further; all of the backbone is frozen.</summary>
    /// <param name="path">The <c>.h5</c> file, with its <c>.json</c> beside it.</param>
    /// <param name="device">Where it is trained.</param>
    /// <exception cref="TrainedModelException">Its description is missing or damaged.</exception>
    /// <exception cref="WeightsMismatchException">The weights are not those of the described model.</exception>
    public static TransferModel Load(string path, string device = "cpu")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var (description, network) = TrainedDescription.Load(path);
        var plan = BackbonePlan.Of(description.Backbone, description.BackboneOptions);
        using var weights = WeightBinder.Bind(WeightFile.Open(path), network.Graph);
        return new(description, plan.Graph, weights, description.Images, device);
    }

    /// <summary>Freezes the backbone: only the head learns (Keras: <c>base_model.trainable = False</c>).</summary>
    public void Freeze() => FineTunedFrom = null;

    /// <summary>Lets a layer of the backbone and all that come after it in Keras' order learn, besides the head.</summary>
    /// <param name="layer">Keras' name, <c>block_13_expand</c>.</param>
    /// <exception cref="UnknownNameException">The backbone has no such layer.</exception>
    public void FineTuneFrom(string layer)
    {
        ArgumentException.ThrowIfNullOrEmpty(layer);
        FineTunedFrom = _backboneLayers.Contains(layer)
            ? layer
            : throw UnknownNameException.OfLayer(Backbone, layer, _backboneLayers);
    }

    /// <summary>Lets all layers learn.</summary>
    public void FineTuneAll() => FineTunedFrom = Graph.Graph.Layers[0].Name;

    /// <summary>Trains what is not frozen (Keras: <c>fit</c>).</summary>
    /// <param name="train">The images to train on.</param>
    /// <param name="validation">Images that are only measured on after each epoch; may be left out.</param>
    /// <param name="options">Epochs, optimiser, augmentation and the rest; Keras' defaults when left out.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellationToken">Stops the fit after the current step; the model then has its best epoch's weights.</param>
    /// <returns>The epochs' values.</returns>
    /// <exception cref="TrainingDataException">The images do not fit the model: one class only, an empty class, an unknown label.</exception>
    /// <exception cref="ImageDecodeException">A file is unreadable, and <see cref="OnError.Stop"/> holds.</exception>
    /// <exception cref="TrainingDivergedException">The loss became infinite or no number.</exception>
    /// <exception cref="TrainedModelException">The checkpoint is damaged or belongs to another fit.</exception>
    /// <exception cref="OutputFileException">A checkpoint cannot be written; the one before is as it was.</exception>
    public History Fit(
        ImageFolder train, ImageFolder? validation = null, FitOptions? options = null,
        IProgress<FitProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        options ??= new();
        options.Validate();
        return new Trainer(this, train, validation, options, progress).Run(cancellationToken);
    }

    /// <summary>Trains the head on the frozen backbone first, and then some of the backbone with it at a low rate.</summary>
    /// <param name="train">The images to train on.</param>
    /// <param name="validation">Images that are only measured on; may be left out.</param>
    /// <param name="options">The two fits, and where the second begins.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellationToken">Stops the fit after the current step.</param>
    /// <returns>The epochs of both, one after the other.</returns>
    /// <inheritdoc cref="Fit" path="/exception"/>
    public History FitTwoPhase(
        ImageFolder train, ImageFolder? validation = null, TwoPhaseOptions? options = null,
        IProgress<FitProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        Freeze();
        var head = Fit(train, validation, options.Head, progress, cancellationToken);
        if (options.FineTuneFrom is { } layer)
            FineTuneFrom(layer);
        else
            FineTuneAll();
        return History.Join(head, Fit(train, validation, options.FineTune, progress, cancellationToken));
    }

    /// <summary>Measures the model on labelled images (Keras: <c>evaluate</c>).</summary>
    /// <param name="images">The images; their labels are found among the model's by name.</param>
    /// <param name="batchSize">How many at once.</param>
    /// <param name="unreadable">What happens to files that are no readable images.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="TrainingDataException">A label is none of the model's.</exception>
    public Evaluation Evaluate(
        ImageFolder images, int batchSize = 32, OnError unreadable = OnError.Stop, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var own = DataRules.Check(images, Task, Labels);
        var reader = new ImageReader(own, Images, InputSize, unreadable, 0);
        var feed = new Feed(reader, new(reader, Preprocess, []), Graph.Graph.Input, null);
        var measured = new Measurement(Graph, new Loss(Task, OutputCount)).Of(feed, batchSize, cancellationToken);
        return Evaluation.Of(Task, Labels, own, measured, feed.Unreadable);
    }

    /// <summary>
    /// Saves the weights as Keras' legacy <c>.h5</c>, which Keras loads into the same layers, and beside them a
    /// <c>.json</c> with labels, backbone, head and preprocessing. Both are whole or as they were.
    /// </summary>
    /// <param name="path">The <c>.h5</c> file, replaced if it exists.</param>
    /// <exception cref="OutputFormatException">The extension is not <c>.h5</c>.</exception>
    /// <exception cref="OutputFileException">It cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        OutputTarget.Of(path, ".h5").ThrowIfStream("the description goes to a file beside it");
        LegacyH5Writer.Write(path, Graph.Graph, Graph.Snapshot());
        _description.Save(path);
    }

    /// <summary>
    /// Writes one ONNX file with preprocessing, backbone and head: bytes <c>(n, h, w, 3)</c> in, outputs out, labels in its
    /// metadata. The file is run before it is kept.
    /// </summary>
    /// <param name="path">The <c>.onnx</c> file, replaced if it exists.</param>
    /// <param name="cancellationToken">Stops it; nothing half-written is left.</param>
    /// <exception cref="OutputFormatException">The extension is not <c>.onnx</c>.</exception>
    /// <exception cref="OutputFileException">It cannot be written.</exception>
    public void ExportOnnx(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        TrainedExport.Write(_description, Network, Graph.Snapshot(), path, cancellationToken);
    }

    /// <summary>The model as it is now, on ONNX Runtime; later training does not change it.</summary>
    public TrainedModel ToBackbone() => TrainedModel.Of(_description, Images, Network, Graph.Snapshot());

    /// <summary>Frees libtorch's memory.</summary>
    public void Dispose() => Graph.Dispose();

    /// <summary>The backbone, its input and its labels.</summary>
    public override string ToString() => $"{Backbone} {InputSize} + {_description.Head} -> {string.Join(", ", Labels.Take(10))}";

    /// <summary>What the model is, as text that a checkpoint compares.</summary>
    internal string Describe() => $"{_description.ToJson()}\nfine-tuned from: {FineTunedFrom}\nbatch normalisation: {BatchNormalization} {BatchNormalizationMomentum?.ToString(System.Globalization.CultureInfo.InvariantCulture)}";

    /// <summary>Whether a layer's weights change.</summary>
    internal bool Learns(Layer layer) => !_backboneLayers.Contains(layer.Name) || (FirstTuned is { } first && Graph.Graph.Layers.IndexOf(layer) >= first);

    /// <summary>Whether a layer runs as in training.</summary>
    internal bool RunsAsInTraining(Layer layer) => !_backboneLayers.Contains(layer.Name) || BatchNormalization switch
    {
        BatchNormalizationMode.Training => true,
        BatchNormalizationMode.Inference when layer.Op is TransferKit.Graph.BatchNormalization => false,
        _ => Learns(layer),
    };

    private int? FirstTuned => FineTunedFrom is { } name && Graph.Graph.TryFind(name, out var layer) ? Graph.Graph.Layers.IndexOf(layer) : null;

    /// <summary>What of the backbone's options training would silently leave out; null where it follows all.</summary>
    private static string? Ignored(BackboneOptions o, HeadSpec head) => o switch
    {
        { Layers.Count: > 0 } => $"Layers is {string.Join(", ", o.Layers)}; a head is trained on the end of the backbone.",
        { AllStages: true } => "AllStages is true; a head is trained on the end of the backbone.",
        { Precision: not Precision.Float32 } => $"Precision is {o.Precision}; training computes in Float32.",
        { ConfigureSession: not null } => "ConfigureSession is set; training has no session of ONNX Runtime's.",
        { Pooling: not Pooling.None } when head.TakesMaps => $"Pooling is {o.Pooling}; the head flattens maps, which takes None.",
        _ => null,
    };

    private static void CheckLabels(IReadOnlyList<string> labels, ModelTask task)
    {
        if (labels.Distinct(StringComparer.Ordinal).Count() != labels.Count)
            throw new ArgumentException("Two classes have the same name.", nameof(labels));
        if (task == ModelTask.MultiClass && labels.Count < 2)
        {
            throw new TrainingDataException(TrainingDataError.OneClass, "labels",
                $"there is one class only ({string.Join(", ", labels)}), and nothing to tell it from. Add a class of what it is not.");
        }
        if (task == ModelTask.Binary && labels.Count != 2)
            throw new ArgumentException($"A binary model tells two classes apart, and there are {labels.Count}.", nameof(labels));
        if (labels.Count == 0)
            throw new ArgumentException("There are no labels.", nameof(labels));
    }
}
