using TransferKit.Backbones;
using TransferKit.Backbones.Whole;
using TransferKit.Configs;
using TransferKit.Graph;

namespace TransferKit;

/// <summary>
/// Represents a whole model that Keras saved: <c>model.keras</c>, <c>model.h5</c>, or Teachable Machine's <c>keras_model.h5</c>. ONNX
/// Runtime runs it as any backbone. Nested models are flattened, and no code of the file is ever run.
/// </summary>
public sealed class KerasModel : IBackbone
{
    private readonly KerasModelFile _file;
    private readonly WholePreprocess _preprocess;
    private readonly WholeLabels? _labels;

    private KerasModel(KerasModelFile file, WholePreprocess preprocess, WholeLabels? labels, ImageLoadOptions images, BackboneRuntime runtime) =>
        (_file, _preprocess, _labels, Images, Runtime) = (file, preprocess, labels, images, runtime);

    internal BackboneRuntime Runtime { get; }

    internal KerasModelFile Source => _file;

    /// <summary>Gets the path of the file.</summary>
    public string File => _file.Name;

    /// <summary>Gets the version of Keras that wrote the file; null if the file does not say.</summary>
    public string? KerasVersion => _file.KerasVersion;

    /// <inheritdoc/>
    public string Name => Runtime.Plan.Graph.Name;

    /// <inheritdoc/>
    public ImageSize InputSize => Runtime.Plan.InputSize;

    /// <inheritdoc/>
    public PreprocessMode Preprocess => _preprocess.Mode;

    /// <summary>Gets where <see cref="Preprocess"/> is known from.</summary>
    public PreprocessSource PreprocessSource => _preprocess.Source;

    /// <summary>Gets the name of the application that the model contains, such as <c>mobilenet_v2</c>; null if it contains none.</summary>
    public string? Backbone => _preprocess.Backbone;

    /// <inheritdoc/>
    public ImageLoadOptions Images { get; }

    /// <inheritdoc/>
    public IReadOnlyList<BackboneOutput> Outputs => Runtime.Outputs;

    /// <summary>Gets the names of the classes in the order of the outputs; empty if none are known.</summary>
    public IReadOnlyList<string> Labels => _labels?.Names ?? [];

    /// <summary>Gets the task, which follows from the last activation and the labels; null without labels.</summary>
    public ModelTask? Task => _labels?.Task;

    /// <summary>Opens a model and starts the engine. The weights are read from the file, and no weight is random.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="options">The options to run it with. Defaults to what the file says.</param>
    /// <param name="cancellationToken">Token to cancel the compilation.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="KerasModelException">The file holds no model that TransferKit can run; the message names the layer and the cure.</exception>
    /// <exception cref="WeightsFormatException">The file is damaged, or of another format.</exception>
    /// <exception cref="WeightsMismatchException">The weights in the file do not fit the model in the file.</exception>
    /// <exception cref="UnknownNameException">The model has no layer of a name in <see cref="KerasModelOptions.Layers"/>.</exception>
    public static KerasModel Open(string path, KerasModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        var file = KerasModelFile.Open(path, options.InputSize);
        try
        {
            var graph = file.Graph.Graph;
            var outputs = options.Layers.Count == 0 ? graph.Outputs : [.. options.Layers.Select(name => Find(graph, name))];
            var preprocess = WholePreprocess.Of(path, graph, options.Preprocess);
            var labels = options.Layers.Count == 0 ? WholeLabels.Of(path, outputs, options.Labels) : null;
            var input = graph.Input.OutputShape;
            var network = new Network(graph, outputs, (input.Height, input.Width), preprocess.Mode);
            return new(file, preprocess, labels, options.Images, BackboneRuntime.Of(network, file.Weights, cancellationToken));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Gets the most likely labels of an image file, the best first.</summary>
    /// <param name="path">The path of the image file.</param>
    /// <param name="top">The number of labels.</param>
    /// <exception cref="ImageDecodeException">The file is not a readable image.</exception>
    /// <exception cref="InvalidOperationException">The model has no labels.</exception>
    public IReadOnlyList<Prediction> Classify(string path, int top = 5) => Decode(this.Predict(path)[0], top);

    /// <summary>Gets the labels of one image's outputs, the best first. An output without activation is taken for logits.</summary>
    /// <param name="scores">The outputs of one image.</param>
    /// <param name="top">The number of labels.</param>
    /// <exception cref="InvalidOperationException">The model has no labels.</exception>
    /// <exception cref="ArgumentException">The number of scores is not the model's number of outputs, or a score is NaN.</exception>
    public IReadOnlyList<Prediction> Decode(ReadOnlySpan<float> scores, int top = 5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(top);
        if (_labels is null)
        {
            throw new InvalidOperationException(
                $"'{File}' has no labels: put labels.txt beside it, or give KerasModelOptions.Labels. Predict returns its numbers.");
        }
        if (scores.Length != Outputs[0].Count)
            throw new ArgumentException($"There are {scores.Length} scores; one image has {Outputs[0].Count}.", nameof(scores));
        Prediction.ThrowIfNaN(scores, 0);
        var predictions = _labels.Scores(scores).Select((score, i) => new Prediction(i, "", _labels.Names[i], score));
        return [.. predictions.OrderByDescending(p => p.Score).ThenBy(p => p.Index).Take(top)];
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
    public IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default) =>
        Runtime.ByLayer(Runtime.Run(pixels, cancellationToken));

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default) =>
        Runtime.ByLayer(Runtime.Run(pixels, cancellationToken));

    /// <inheritdoc/>
    public ModelSummary Summary() => new(Runtime.Plan.Graph);

    /// <summary>Stops the engine and closes the file.</summary>
    public void Dispose()
    {
        Runtime.Dispose();
        _file.Dispose();
    }

    /// <summary>Returns the model's name, the input size and the outputs.</summary>
    public override string ToString() => $"{Name} {InputSize} -> {string.Join(", ", Outputs)}";

    private static Layer Find(LayerGraph graph, string name) => graph.TryFind(name, out var layer)
        ? layer
        : throw UnknownNameException.OfLayer(graph.Name, name, graph.Layers.Select(l => l.Name));
}
