using TransferKit.Backbones;
using TransferKit.Backbones.Trained;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;
using TransferKit.WeightSources.Store;

namespace TransferKit;

/// <summary>
/// Represents a model trained with TransferKit.Training. ONNX Runtime runs it like any other backbone, without TorchSharp. Its weights
/// are a Keras <c>.h5</c> file; labels and the preparation of images are in the <c>.json</c> beside it.
/// </summary>
public sealed class TrainedModel : DelegatingBackbone
{
    private readonly ModelNotes _notes;

    private TrainedModel(ModelNotes notes, LoadedBackbone backbone) : base(backbone) => _notes = notes;

    /// <summary>Gets the names of the classes in the order of the outputs. A binary model's output is the score of its second.</summary>
    public IReadOnlyList<string> Labels => _notes.Labels;

    /// <summary>Gets the task, which determines the meaning of the outputs.</summary>
    public ModelTask Task => _notes.Task;

    /// <summary>Gets whether a weight file, such as <c>cats.h5</c>, has the <c>cats.h5.json</c> of a trained model beside it.</summary>
    /// <param name="path">The path of the weight file.</param>
    public static bool IsSavedAt(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return TrainedDescription.IsBeside(path);
    }

    /// <summary>Loads a model from its weights, such as <c>cats.h5</c>, and the <c>cats.h5.json</c> beside them.</summary>
    /// <param name="path">The path of the weight file.</param>
    /// <exception cref="FileNotFoundException">The weight file does not exist.</exception>
    /// <exception cref="TrainedModelException">Its description is missing or corrupt.</exception>
    /// <exception cref="WeightsMismatchException">The weights do not match the described model.</exception>
    public static TrainedModel Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var (description, network) = TrainedDescription.Load(path);
        using var weights = WeightBinder.Bind(WeightFile.Open(path), network.Graph);
        var backbone = LoadedBackbone.Load(network, weights);
        backbone.Identify = () => new(
            new Dictionary<string, string> { ["description"] = WeightLoader.IdentityOf(TrainedDescription.PathBeside(path)) },
            () => WeightLoader.IdentityOf(path));
        return new(description, backbone);
    }

    /// <summary>
    /// Writes a saved model as one ONNX file with preprocessing, backbone and head. Its input is bytes <c>(n, h, w, 3)</c>, or floats
    /// if <see cref="ImageLoadOptions.Resize"/> of its training gives them. Its metadata has the labels as a JSON list under
    /// <c>labels</c>. The file is run and checked before it replaces an existing one.
    /// </summary>
    /// <param name="model">The path of the <c>.h5</c> file, which has its <c>.json</c> beside it.</param>
    /// <param name="path">The path of the <c>.onnx</c> file. An existing one is replaced.</param>
    /// <exception cref="TrainedModelException">The model's description is missing or corrupt.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public static void ExportOnnx(string model, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var (description, network) = TrainedDescription.Load(model);
        using var weights = WeightBinder.Bind(WeightFile.Open(model), network.Graph);
        TrainedExport.Write(description, network, weights, path, CancellationToken.None);
    }

    /// <summary>Gets the most likely labels of an image file, the best first.</summary>
    /// <param name="path">The path of the image file.</param>
    /// <param name="top">The number of labels.</param>
    /// <exception cref="ImageDecodeException">The file is not a readable image.</exception>
    /// <exception cref="InvalidOperationException">The model is a regression, which has no labels to rank.</exception>
    public IReadOnlyList<Prediction> Classify(string path, int top = 5) => Decode(this.Predict(path)[0], top);

    /// <summary>Gets the labels of one image's outputs, the best first.</summary>
    /// <param name="scores">The outputs of one image.</param>
    /// <param name="top">The number of labels.</param>
    /// <exception cref="InvalidOperationException">The model is a regression, which has no labels to rank.</exception>
    /// <exception cref="ArgumentException">The number of scores is not the model's number of outputs, or a score is NaN.</exception>
    public IReadOnlyList<Prediction> Decode(ReadOnlySpan<float> scores, int top = 5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(top);
        if (Task == ModelTask.Regression)
            throw new InvalidOperationException("This model is a regression, which has no labels to rank: call Predict.");
        if (scores.Length != _notes.OutputCount)
            throw new ArgumentException($"There are {scores.Length} scores; one image has {_notes.OutputCount}.", nameof(scores));
        Prediction.ThrowIfNaN(scores, 0);
        // The one sigmoid of a binary model is the probability of the second class.
        var each = Task == ModelTask.Binary ? [1 - scores[0], scores[0]] : scores.ToArray();
        var predictions = each.Select((score, i) => new Prediction(i, "", Labels[i], score));
        return [.. predictions.OrderByDescending(p => p.Score).ThenBy(p => p.Index).Take(top)];
    }

    /// <summary>Returns the backbone's name, the input size and the first labels.</summary>
    public override string ToString() => $"{Name} {InputSize} -> {string.Join(", ", Labels.Take(10))}";

    internal static TrainedModel Of(ModelNotes notes, INetwork network, IWeightSource weights) =>
        new(notes, LoadedBackbone.Load(network, weights));

    internal static Network Describe(TrainedDescription description)
    {
        var plan = BackbonePlan.Of(description.Backbone, description.BackboneOptions);
        var graph = description.BuildGraph(plan);
        return new(graph, [graph.Output], plan.InputSize, description.Preprocess) { Images = description.Images };
    }
}
