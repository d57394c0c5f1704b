using TransferKit.Backbones;
using TransferKit.Backbones.Trained;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;

namespace TransferKit;

/// <summary>
/// A model that was trained with TransferKit.Training, run by ONNX Runtime like any other backbone: no TorchSharp is
/// needed. Its weights are Keras' <c>.h5</c>; labels and the preparation of images are in the <c>.json</c> beside them.
/// </summary>
public sealed class TrainedModel : IBackbone
{
    internal BackboneRuntime Runtime { get; }
    private readonly TrainedDescription _description;

    private TrainedModel(TrainedDescription description, ImageLoadOptions images, BackboneRuntime runtime) =>
        (_description, Images, Runtime) = (description, images, runtime);

    /// <inheritdoc/>
    public string Name => _description.Backbone;

    /// <inheritdoc/>
    public ImageSize InputSize => Runtime.Plan.InputSize;

    /// <inheritdoc/>
    public PreprocessMode Preprocess => Runtime.Plan.Preprocess;

    /// <inheritdoc/>
    public IReadOnlyList<BackboneOutput> Outputs => Runtime.Outputs;

    /// <summary>The classes' names in the order of the outputs; of a binary model, first the one of 0.</summary>
    public IReadOnlyList<string> Labels => _description.Labels;

    /// <summary>What its outputs mean.</summary>
    public ModelTask Task => _description.Task;

    /// <summary>Gets how its images were read in training, and are read where a call gives no options of its own.</summary>
    public ImageLoadOptions Images { get; }

    /// <summary>Loads a model from <c>cats.h5</c> and the <c>cats.h5.json</c> beside it.</summary>
    /// <param name="path">The weight file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="TrainedModelException">Its description is missing or damaged.</exception>
    /// <exception cref="WeightsMismatchException">The weights are not those of the described model.</exception>
    public static TrainedModel Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var (description, network) = TrainedDescription.Load(path);
        using var weights = WeightBinder.Bind(WeightFile.Open(path), network.Graph);
        return Of(description, description.Images, network, weights);
    }

    /// <summary>
    /// Writes a saved model as one ONNX file with preprocessing, backbone and head: bytes <c>(n, h, w, 3)</c> in, outputs
    /// out, labels in its metadata (a JSON list under <c>labels</c>). The file is run before it is kept.
    /// </summary>
    /// <param name="model">The <c>.h5</c> file, with its <c>.json</c> beside it.</param>
    /// <param name="path">The <c>.onnx</c> file, replaced if it exists.</param>
    /// <exception cref="TrainedModelException">The model's description is missing or damaged.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public static void ExportOnnx(string model, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var (description, network) = TrainedDescription.Load(model);
        using var weights = WeightBinder.Bind(WeightFile.Open(model), network.Graph);
        TrainedExport.Write(description, network, weights, path, CancellationToken.None);
    }

    /// <summary>The most likely labels of an image file, the best first.</summary>
    /// <param name="path">An image file.</param>
    /// <param name="top">How many.</param>
    /// <exception cref="ImageDecodeException">The file is no readable image.</exception>
    /// <exception cref="InvalidOperationException">The model gives numbers, not labels.</exception>
    public IReadOnlyList<Prediction> Classify(string path, int top = 5) => Decode(this.Predict(path)[0], top);

    /// <summary>The labels of one row of outputs, the best first.</summary>
    /// <param name="scores">The outputs of one image.</param>
    /// <param name="top">How many.</param>
    /// <exception cref="InvalidOperationException">The model gives numbers, not labels.</exception>
    /// <exception cref="ArgumentException">There is another number of scores than the model has outputs, or one is NaN.</exception>
    public IReadOnlyList<Prediction> Decode(ReadOnlySpan<float> scores, int top = 5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(top);
        if (Task == ModelTask.Regression)
            throw new InvalidOperationException("This model gives numbers, not labels: use Predict.");
        if (scores.Length != _description.OutputCount)
            throw new ArgumentException($"There are {scores.Length} scores, and one image gives {_description.OutputCount}.", nameof(scores));
        Prediction.ThrowIfNaN(scores, 0);
        // One sigmoid is the probability of the second class.
        var each = Task == ModelTask.Binary ? [1 - scores[0], scores[0]] : scores.ToArray();
        return [.. each.Select((score, i) => new Prediction(i, "", Labels[i], score)).OrderByDescending(p => p.Score).ThenBy(p => p.Index).Take(top)];
    }

    /// <inheritdoc/>
    public FeatureTensor Predict(ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default) =>
        Runtime.TheOutput(Runtime.Run(pixels, cancellationToken));

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<byte> pixels, Memory<float> output, CancellationToken cancellationToken = default) =>
        Runtime.Run(pixels, output, cancellationToken);

    /// <inheritdoc/>
    public FeatureTensor Predict(ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default) =>
        Runtime.TheOutput(Runtime.Run(pixels, cancellationToken));

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, FeatureTensor> PredictAll(ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default) =>
        Runtime.ByLayer(Runtime.Run(pixels, cancellationToken));

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, FeatureTensor> PredictAll(ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default) =>
        Runtime.ByLayer(Runtime.Run(pixels, cancellationToken));

    /// <inheritdoc/>
    public ModelSummary Summary() => new(Runtime.Plan.Graph);

    /// <inheritdoc/>
    public void Dispose() => Runtime.Dispose();

    /// <summary>The backbone, its input and its labels.</summary>
    public override string ToString() => $"{Name} {InputSize} -> {string.Join(", ", Labels.Take(10))}";

    internal static TrainedModel Of(TrainedDescription description, ImageLoadOptions images, INetwork network, IWeightSource weights) =>
        new(description, images, BackboneRuntime.Of(network, weights));

    internal static Network Describe(TrainedDescription description)
    {
        var plan = BackbonePlan.Of(description.Backbone, description.BackboneOptions);
        var graph = description.BuildGraph(plan);
        return new(graph, [graph.Output], plan.InputSize, description.Preprocess);
    }
}
