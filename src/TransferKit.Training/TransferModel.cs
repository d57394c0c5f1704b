using System.Text.Json.Nodes;
using TransferKit.Backbones;
using TransferKit.Backbones.Trained;
using TransferKit.Backbones.Whole;
using TransferKit.Configs.Writing;
using TransferKit.Graph;
using TransferKit.Training.Fitting;
using TransferKit.Training.Forms;
using TransferKit.Training.Torch;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;

namespace TransferKit.Training;

/// <summary>
/// Represents a trainable model: a backbone and a new head. It trains the head alone, also layers of the backbone, or all
/// layers from random weights. The model is not thread-safe.
/// </summary>
public sealed class TransferModel : IDisposable
{
    private readonly ModelForm _form;
    private bool _hasFlagsOfFile;
    private CompileConfig? _compiled;

    internal TransferModel(ModelForm form, IWeightSource weights, ImageLoadOptions images, string device)
    {
        var onDevice = TorchRuntime.DeviceOf(device);
        (_form, Images, UnboundLayers, _hasFlagsOfFile) = (form, images, weights.UnboundLayers, form.HasFlags);
        Graph = new(Network.Graph, weights, onDevice);
    }

    /// <summary>Gets the names of the outputs in their order.</summary>
    public IReadOnlyList<string> Labels => _form.Notes.Labels;

    /// <summary>Gets the task, which determines the loss and the last activation.</summary>
    public ModelTask Task => _form.Notes.Task;

    /// <summary>Gets the name of the backbone.</summary>
    public string Backbone => _form.Backbone;

    /// <summary>Gets the height and width of the input in pixels.</summary>
    public ImageSize InputSize => Network.InputSize;

    /// <summary>Gets the options for reading image files.</summary>
    public ImageLoadOptions Images { get; }

    /// <summary>
    /// Gets the names of the backbone's layers that began with random values because the weight file does not name them,
    /// <see cref="IBackbone.UnboundLayers"/>.
    /// </summary>
    public IReadOnlyList<string> UnboundLayers { get; }

    /// <summary>Gets or sets which batch normalisations of the backbone run in training mode.</summary>
    public BatchNormalizationMode BatchNormalization { get; set; }

    /// <summary>
    /// Gets or sets the momentum of moving means and variances in all layers, from 0 to under 1. Defaults to null: each
    /// layer's own. Keras' MobileNets have 0.999, which adapts too slowly for a short fit; use 0.9 there.
    /// </summary>
    public double? BatchNormalizationMomentum
    {
        get => Graph.Momentum;
        set => Graph.Momentum = value is null or (>= 0 and < 1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The momentum must be from 0 to under 1.");
    }

    /// <summary>
    /// Gets the name of the first trainable layer of the backbone; null if the backbone is frozen, or is as its file says
    /// (<see cref="From"/>).
    /// </summary>
    public string? FineTunedFrom { get; private set; }

    internal Network Network => _form.Network;
    internal TorchGraph Graph { get; }
    internal PreprocessMode Preprocess => Network.Preprocess;
    internal int OutputCount => _form.Notes.OutputCount;

    /// <summary>Gets the augmentation that the model's own layers describe.</summary>
    internal IEnumerable<Augmentation> Augmentation => _form.Augmentation.Values;

    /// <summary>Gets what the weights of trainable layers add to the loss, as the model's own layers say.</summary>
    internal IEnumerable<(TorchSharp.torch.Tensor Weight, double L1, double L2)> Penalties =>
        _form.Penalties.Where(p => Learns(p.Layer)).Select(p => (Graph.WeightsOf(p.Layer)[p.Weight], p.L1, p.L2));

    /// <summary>Gets the kernels of the head's dense layers, including the last one.</summary>
    internal IEnumerable<TorchSharp.torch.Tensor> HeadKernels =>
        Graph.Graph.Layers.Where(l => l.Op is Dense && !_form.BackboneLayers.Contains(l.Name)).Select(l => Graph.WeightsOf(l)[0]);

    /// <summary>
    /// Creates a model: the backbone with its weights, frozen, and a head with initial values. With random weights all layers are
    /// trainable.
    /// </summary>
    /// <param name="backbone">Keras' name of the backbone, such as <c>mobilenet_v2</c>.</param>
    /// <param name="labels">The classes in the order of the outputs, such as <see cref="ImageFolder.Classes"/>.</param>
    /// <param name="options">The weights, the head and the task. Defaults to Keras' defaults.</param>
    /// <param name="progress">The progress reporter for the download of weights.</param>
    /// <param name="cancellationToken">A token that cancels the download.</param>
    /// <exception cref="UnknownNameException">No backbone has this name.</exception>
    /// <exception cref="BackboneOptionsException">The options do not fit each other or the backbone.</exception>
    /// <exception cref="TrainingDataException">There are not enough classes for the task.</exception>
    /// <exception cref="TorchUnavailableException">libtorch does not load, or has no such device.</exception>
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
        if (images.Problems().ToArray() is { Length: > 0 } problems)
            throw new BackboneOptionsException(backbone, problems);
        if (images.CropFrom is not null)
        {
            throw new BackboneOptionsException(
                backbone, ["Images.CropFrom is set, which a trained model cannot save; use AspectRatio.Crop."]);
        }
        var pooled = options.Backbone.Pooling == Pooling.None ? Pooling.Avg : options.Backbone.Pooling;
        var plan = BackbonePlan.Of(backbone, options.Backbone with
        {
            IncludeTop = false,
            Pooling = head.TakesMaps ? Pooling.None : pooled,
        });
        var description = TrainedDescription.Of(plan, images, head, options.Task, labels);
        using var weights = System.Threading.Tasks.Task
            .Run(() => BackboneLoader.OpenWeightsAsync(plan, new(plan.Options.Store), progress, cancellationToken), cancellationToken)
            .GetAwaiter().GetResult();
        using var all = new CombinedWeights(plan.Graph, weights, new InitialWeights(options.Seed));
        var model = new TransferModel(new NamedForm(description, plan.Graph), all, images, options.Device);
        if (options.Backbone.Weights.Kind == WeightsKind.Random)
            model.FineTuneAll();
        return model;
    }

    /// <summary>
    /// Goes on training a whole model that Keras saved: <c>model.keras</c>, <c>model.h5</c>, <c>keras_model.h5</c>. The layers that were
    /// frozen stay frozen, layers that were called with <c>training=False</c> run in inference mode, and regularizers count in the loss.
    /// Random layers at the beginning augment the pictures. Optimizer and loss are chosen anew. The head is what comes after the last map.
    /// </summary>
    /// <param name="path">The path of the file, which <see cref="Save"/> may replace.</param>
    /// <param name="options">
    /// The options to open it with: labels, preprocessing, images. Another precision than floats is refused. Defaults to what the file
    /// says.
    /// </param>
    /// <param name="device">The device: <c>cpu</c>, or <c>cuda</c> with a CUDA package of TorchSharp.</param>
    /// <exception cref="KerasModelException">
    /// The file holds no model that TransferKit can train, or its classes have no names. The message names the layer.
    /// </exception>
    /// <exception cref="WeightsFormatException">The file is damaged, or of another format.</exception>
    /// <exception cref="WeightsMismatchException">The weights in the file do not fit the model in the file.</exception>
    /// <exception cref="TorchUnavailableException">libtorch does not load, or has no such device.</exception>
    public static TransferModel From(string path, KerasModelOptions? options = null, string device = "cpu")
    {
        var whole = WholeModel.Open(path, options);
        try
        {
            var form = FileForm.Of(whole);
            var images = form.Notes.Images with { Decoder = whole.Options.Images.Decoder };
            var model = new TransferModel(form, whole.File.Weights, images, device);
            TrainableLayers.Check(path, model.Graph);
            return model;
        }
        catch
        {
            whole.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Loads a saved model to evaluate it or to train it further. The backbone is frozen; a model of <see cref="From"/> is as its file
    /// says.
    /// </summary>
    /// <param name="path">The path of the saved file. Its <c>.json</c> must be in the same folder.</param>
    /// <param name="device">The device: <c>cpu</c>, or <c>cuda</c> with a CUDA package of TorchSharp.</param>
    /// <exception cref="TrainedModelException">The <c>.json</c> file is missing or damaged.</exception>
    /// <exception cref="WeightsMismatchException">The weights do not fit the described model.</exception>
    public static TransferModel Load(string path, string device = "cpu")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!TrainedDescription.IsBeside(path) && HasNotes(path))
            return From(path, device: device);
        var (description, network) = TrainedDescription.Load(path);
        var plan = BackbonePlan.Of(description.Backbone, description.BackboneOptions);
        using var weights = WeightBinder.Bind(WeightFile.Open(path), network.Graph);
        return new(new NamedForm(description, plan.Graph), weights, description.Images, device);
    }

    // Notes without a backbone belong to a whole model. Damaged ones could be those of either kind of file.
    private static bool HasNotes(string path)
    {
        try
        {
            return ModelNotes.ReadBeside(path) is not null;
        }
        catch (KerasModelException e)
        {
            throw new TrainedModelException(path, e.InnerException?.Message ?? e.Message, e);
        }
    }

    /// <summary>Freezes the backbone, so that only the head is trainable (Keras: <c>base_model.trainable = False</c>).</summary>
    public void Freeze() => (FineTunedFrom, _hasFlagsOfFile) = (null, false);

    /// <summary>Makes a layer of the backbone and all layers after it in Keras' order trainable, besides the head.</summary>
    /// <param name="layer">Keras' name of the first trainable layer, such as <c>block_13_expand</c>.</param>
    /// <exception cref="UnknownNameException">The backbone has no layer of this name.</exception>
    public void FineTuneFrom(string layer)
    {
        ArgumentException.ThrowIfNullOrEmpty(layer);
        FineTunedFrom = _form.BackboneLayers.Contains(layer)
            ? layer
            : throw UnknownNameException.OfLayer(Backbone, layer, _form.BackboneLayers);
        _hasFlagsOfFile = false;
    }

    /// <summary>Makes all layers trainable.</summary>
    public void FineTuneAll() => (FineTunedFrom, _hasFlagsOfFile) = (Graph.Graph.Layers[0].Name, false);

    /// <summary>Trains the layers that are not frozen (Keras: <c>fit</c>).</summary>
    /// <param name="train">The training images.</param>
    /// <param name="validation">The images to evaluate after each epoch. Defaults to none.</param>
    /// <param name="options">The options of the fit. Defaults to Keras' defaults.</param>
    /// <param name="progress">The progress reporter, called after each step.</param>
    /// <param name="cancellationToken">
    /// A token that cancels the fit after the current step. The model then has the weights of its best epoch.
    /// </param>
    /// <returns>The values of the epochs, in order.</returns>
    /// <exception cref="TrainingDataException">
    /// The images do not fit the model: one class only, an empty class, an unknown label.
    /// </exception>
    /// <exception cref="ImageDecodeException">A file is unreadable, and <see cref="OnError.Stop"/> holds.</exception>
    /// <exception cref="TrainingDivergedException">The loss became infinite or NaN.</exception>
    /// <exception cref="TrainedModelException">The checkpoint is damaged or belongs to another fit.</exception>
    /// <exception cref="OutputFileException">A checkpoint cannot be written; the previous one is unchanged.</exception>
    public History Fit(
        ImageFolder train, ImageFolder? validation = null, FitOptions? options = null,
        IProgress<FitProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        options ??= new();
        options.Validate();
        _compiled = new(options.Optimizer.ToKeras, KerasLoss, [new Loss(Task, OutputCount).Metric]);
        return new Trainer(this, train, validation, options, progress).Run(cancellationToken);
    }

    /// <summary>Trains the head on the frozen backbone first, then also layers of the backbone at a low learning rate.</summary>
    /// <param name="train">The training images.</param>
    /// <param name="validation">The images to evaluate after each epoch. Defaults to none.</param>
    /// <param name="options">The options of both fits. Defaults to those of <see cref="TwoPhaseOptions"/>.</param>
    /// <param name="progress">The progress reporter, called after each step.</param>
    /// <param name="cancellationToken">A token that cancels the fit after the current step.</param>
    /// <returns>The values of the epochs of both fits, in order.</returns>
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

    /// <summary>Evaluates the model on labelled images (Keras: <c>evaluate</c>).</summary>
    /// <param name="images">The images; their labels are matched with the model's by name.</param>
    /// <param name="batchSize">The images per batch.</param>
    /// <param name="unreadable">The handling of unreadable files.</param>
    /// <param name="cancellationToken">A token that cancels the evaluation.</param>
    /// <exception cref="TrainingDataException">A label is not a class of the model, or no image could be read.</exception>
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
    /// Saves the model as a file that Keras 3's <c>load_model</c> reads, <c>.keras</c> or <c>.h5</c>, or its weights alone as
    /// <c>.weights.h5</c>. A model that was fitted is saved compiled: optimizer, loss and metric, without the optimizer's state. A
    /// <c>.json</c> file in the same folder describes labels, backbone, head and preprocessing. Each file is replaced atomically.
    /// </summary>
    /// <param name="path">The <c>.keras</c> or <c>.h5</c> file, replaced if it exists.</param>
    /// <exception cref="OutputFormatException">The extension is neither <c>.keras</c> nor <c>.h5</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _form.Save(path, Graph.Snapshot(), _compiled);
    }

    /// <summary>
    /// Exports preprocessing, backbone and head as one ONNX file. Its input is bytes of shape <c>(n, h, w, 3)</c>, or floats if
    /// <see cref="ImageLoadOptions.Resize"/> gives them, and its metadata contains the labels. The export runs the file before it
    /// replaces an existing one.
    /// </summary>
    /// <param name="path">The path of the <c>.onnx</c> file. An existing file is replaced.</param>
    /// <param name="cancellationToken">A token that cancels the export. No partial file remains.</param>
    /// <exception cref="OutputFormatException">The extension is not <c>.onnx</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public void ExportOnnx(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        TrainedExport.Write(_form.Notes, _form.Serving, Graph.Snapshot(), path, cancellationToken);
    }

    /// <summary>Creates a backbone of the current weights on ONNX Runtime. Later training does not change it.</summary>
    public TrainedModel ToBackbone() => TrainedModel.Of(_form.Notes, _form.Serving with { Images = Images }, Graph.Snapshot());

    /// <summary>Releases libtorch's memory.</summary>
    public void Dispose()
    {
        Graph.Dispose();
        _form.Dispose();
    }

    /// <summary>Returns the backbone, the input size, the head and the first labels.</summary>
    public override string ToString() => $"{Backbone} {InputSize} + {_form.Head} -> {string.Join(", ", Labels.Take(10))}";

    /// <summary>Describes the model as text, which checkpoints compare.</summary>
    internal string Describe()
    {
        var momentum = BatchNormalizationMomentum?.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var from = _hasFlagsOfFile ? "as in the file" : FineTunedFrom;
        return $"{_form.Notes.ToJson()}\nfine-tuned from: {from}\nbatch normalisation: {BatchNormalization} {momentum}";
    }

    /// <summary>Returns whether a layer is trainable.</summary>
    internal bool Learns(Layer layer) => _hasFlagsOfFile
        ? layer.IsTrainable
        : !IsOfBackbone(layer) || (FirstTuned is { } first && Graph.Graph.Layers.IndexOf(layer) >= first);

    /// <summary>Returns whether a layer runs in training mode.</summary>
    internal bool RunsAsInTraining(Layer layer)
    {
        if (layer.RunsInInference || _form.Augmentation.ContainsKey(layer))
            return false;
        var isNormalization = layer.Op is TransferKit.Graph.BatchNormalization;
        return BatchNormalization switch
        {
            BatchNormalizationMode.Training when isNormalization && IsOfBackbone(layer) => true,
            BatchNormalizationMode.Inference when isNormalization && IsOfBackbone(layer) => false,
            // In Keras a frozen normalisation runs in inference mode, and a frozen dropout drops.
            _ when _hasFlagsOfFile => layer.Op is Dropout || Learns(layer),
            BatchNormalizationMode.Training => true,
            _ => Learns(layer),
        };
    }

    private bool IsOfBackbone(Layer layer) => _form.BackboneLayers.Contains(layer.Name);

    private JsonNode KerasLoss() => (Task, _form.AreLogits) switch
    {
        (ModelTask.Regression, _) => "mean_squared_error",
        (ModelTask.MultiClass, false) => "sparse_categorical_crossentropy",
        (_, false) => "binary_crossentropy",
        (ModelTask.MultiClass, true) => KerasObject.Of("keras.losses", "SparseCategoricalCrossentropy", ("from_logits", true)),
        _ => KerasObject.Of("keras.losses", "BinaryCrossentropy", ("from_logits", true)),
    };

    private int? FirstTuned =>
        FineTunedFrom is { } name && Graph.Graph.TryFind(name, out var layer) ? Graph.Graph.Layers.IndexOf(layer) : null;

    /// <summary>Returns the first option of the backbone that training cannot follow, as a sentence; null if it follows all.</summary>
    private static string? Ignored(BackboneOptions o, HeadSpec head) => o switch
    {
        { Layers.Count: > 0 } => $"Layers is {string.Join(", ", o.Layers)}; a head is trained on the end of the backbone.",
        { AllStages: true } => "AllStages is true; a head is trained on the end of the backbone.",
        { Precision: not Precision.Float32 } => $"Precision is {o.Precision}; training computes in Float32.",
        { Device: not ExecutionDevice.Cpu } => $"Device is {o.Device}; TransferModelOptions.Device names libtorch's.",
        { ConfigureSession: not null } => "ConfigureSession is set; training has no session of ONNX Runtime's.",
        { Pooling: not Pooling.None } when head.TakesMaps => $"Pooling is {o.Pooling}; the head flattens maps, which takes None.",
        _ => null,
    };

    internal static void CheckLabels(IReadOnlyList<string> labels, ModelTask task)
    {
        if (labels.Distinct(StringComparer.Ordinal).Count() != labels.Count)
            throw new ArgumentException("Two labels are equal. Give each class another name.", nameof(labels));
        if (task == ModelTask.MultiClass && labels.Count < 2)
        {
            throw new TrainingDataException(TrainingDataError.OneClass, "labels",
                $"there is only one class ({string.Join(", ", labels)}). Add a class of other images.");
        }
        if (task == ModelTask.Binary && labels.Count != 2)
            throw new ArgumentException($"A binary model needs two labels, but there are {labels.Count}.", nameof(labels));
        if (labels.Count == 0)
            throw new ArgumentException("There are no labels. Give one per output.", nameof(labels));
    }
}
