using System.Collections.ObjectModel;
using TransferKit.Backbones;
using TransferKit.Backbones.Whole;
using TransferKit.Common;
using TransferKit.WeightSources.Store;

namespace TransferKit;

/// <summary>
/// Represents a whole model that Keras saved: <c>model.keras</c>, <c>model.h5</c>, or Teachable Machine's <c>keras_model.h5</c>. ONNX
/// Runtime runs it as any backbone. Nested models are flattened, and no code of the file is ever run.
/// </summary>
public sealed class KerasModel : DelegatingBackbone
{
    private readonly WholeModel _model;
    private readonly WholeLabels? _labels;

    private KerasModel(WholeModel model, WholeLabels? labels, LoadedBackbone backbone) : base(backbone) =>
        (_model, _labels) = (model, labels);

    /// <summary>Gets the path of the file.</summary>
    public string File => _model.File.Name;

    /// <summary>Gets the version of Keras that wrote the file; null if the file does not say.</summary>
    public string? KerasVersion => _model.File.KerasVersion;

    /// <summary>Gets where <see cref="Preprocess"/> is known from.</summary>
    public PreprocessSource PreprocessSource => _model.Preprocess.Source;

    /// <summary>Gets the name of the application that the model contains, such as <c>mobilenet_v2</c>; null if it contains none.</summary>
    public string? Backbone => _model.Preprocess.Backbone;

    /// <summary>Gets the names of the classes in the order of the outputs; empty if none are known.</summary>
    public IReadOnlyList<string> Labels => _labels?.Names ?? [];

    /// <summary>Gets the task, which follows from the last activation and the labels; null without labels.</summary>
    public ModelTask? Task => _labels?.Task;

    /// <summary>Opens a model and starts the engine. The weights are read from the file, and no weight is random.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="options">The options to run it with. Defaults to what the file says.</param>
    /// <param name="cancellationToken">Token to cancel the compilation.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="KerasModelException">
    /// The file holds no model that TransferKit can run; the message names the layer and the cure.
    /// </exception>
    /// <exception cref="WeightsFormatException">The file is damaged, or of another format.</exception>
    /// <exception cref="WeightsMismatchException">The weights in the file do not fit the model in the file.</exception>
    /// <exception cref="UnknownNameException">The model has no layer of a name in <see cref="KerasModelOptions.Layers"/>.</exception>
    public static KerasModel Open(string path, KerasModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        var model = WholeModel.Open(path, options);
        try
        {
            var labels = model.Labels;
            var backbone = LoadedBackbone.Load(model.Network, model.File.Weights, model.CompilerOptions, cancellationToken);
            backbone.Identify = () => new(ReadOnlyDictionary<string, string>.Empty, () => WeightLoader.IdentityOf(path));
            return new(model, labels, backbone);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Gets the layer table of a model without starting an engine (Keras: <c>model.summary()</c>).</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="options">The options to open it with. Defaults to what the file says.</param>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static ModelSummary Summary(string path, KerasModelOptions? options = null)
    {
        using var model = WholeModel.Open(path, options);
        return new(model.Graph);
    }

    /// <summary>
    /// Writes a model with its weights and its preprocessing as an <c>.onnx</c> file for any ONNX runtime. Weights of more than 2 GB are in
    /// a second file beside it, <c>NAME.onnx.data</c>. Labels are in its metadata as a JSON list, under <c>labels</c>.
    /// </summary>
    /// <param name="model">The path of the model.</param>
    /// <param name="path">The file to write. An existing one is replaced when the new one is complete.</param>
    /// <param name="options">The options to open the model with. Defaults to what the file says.</param>
    /// <param name="input">The input of the exported model. Defaults to bytes.</param>
    /// <param name="cancellationToken">Token to cancel the work; no incomplete file remains.</param>
    /// <exception cref="OutputFormatException">The extension is not <c>.onnx</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static void ExportOnnx(
        string model, string path, KerasModelOptions? options = null, OnnxInput input = OnnxInput.Bytes,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        OutputTarget.OfWritable(path, ".onnx");
        using var whole = WholeModel.Open(model, options);
        var labels = whole.Labels;
        KeyValuePair<string, string>[] metadata = labels is null ? [] : [new("labels", LabelsJson.Write(labels.Names))];
        BackboneExporter.WriteOnnx(whole.Network, whole.CompilerOptions, whole.File.Weights, path, input, cancellationToken, metadata);
    }

    /// <summary>
    /// Opens the model again up to a layer, whose output becomes the only one (Keras: <c>Model(m.input, m.get_layer(name).output)</c>).
    /// This
    /// model stays as it is.
    /// </summary>
    /// <param name="layer">Keras' name of the layer; <see cref="IBackbone.Summary"/> lists all.</param>
    /// <exception cref="UnknownNameException">The model has no such layer.</exception>
    /// <inheritdoc cref="Open" path="/exception"/>
    public KerasModel Cut(string layer)
    {
        ArgumentException.ThrowIfNullOrEmpty(layer);
        return Open(File, _model.Options with { Layers = [layer], Preprocess = Preprocess });
    }

    /// <summary>
    /// Writes the model for Keras 3. In the format of its own file it keeps the configuration as it is, and every weight with the same
    /// bits. A model that was cut, or one for the other format, is written without nesting: each layer with its class and settings. The
    /// optimizer's state is left out.
    /// </summary>
    /// <param name="path">
    /// The file to write, <c>.keras</c> or <c>.h5</c>; from a <c>.keras</c> file also <c>.weights.h5</c>. An existing one is replaced.
    /// </param>
    /// <param name="cancellationToken">Token to cancel the writing; no incomplete file remains.</param>
    /// <exception cref="OutputFormatException">The extension is neither <c>.keras</c> nor <c>.h5</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    /// <exception cref="KerasModelException">A layer cannot be written for Keras 3; the message names it.</exception>
    public void Save(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _model.Save(path, cancellationToken: cancellationToken);
    }

    /// <summary>Writes a model for Keras 3 without starting an engine, as <see cref="Save"/> does.</summary>
    /// <param name="model">The path of the model.</param>
    /// <param name="path">The file to write, <c>.keras</c> or <c>.h5</c>. An existing one is replaced.</param>
    /// <param name="options">The options to open the model with: its <see cref="KerasModelOptions.Layers"/> cut it.</param>
    /// <param name="cancellationToken">Token to cancel the writing; no incomplete file remains.</param>
    /// <inheritdoc cref="Save" path="/exception"/>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static void ExportKeras(
        string model, string path, KerasModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var whole = WholeModel.Open(model, options);
        whole.Save(path, cancellationToken: cancellationToken);
    }

    /// <summary>Gets the most likely labels of an image file, the best first.</summary>
    /// <param name="path">The path of the image file.</param>
    /// <param name="top">The number of labels.</param>
    /// <exception cref="ImageDecodeException">The file is not a readable image.</exception>
    /// <exception cref="InvalidOperationException">The model has no labels, or is a regression.</exception>
    public IReadOnlyList<Prediction> Classify(string path, int top = 5) => Decode(this.Predict(path)[0], top);

    /// <summary>Gets the labels of one image's outputs, the best first. An output without activation is taken for logits.</summary>
    /// <param name="scores">The outputs of one image.</param>
    /// <param name="top">The number of labels.</param>
    /// <exception cref="InvalidOperationException">The model has no labels, or is a regression.</exception>
    /// <exception cref="ArgumentException">The number of scores is not the model's number of outputs, or a score is NaN.</exception>
    public IReadOnlyList<Prediction> Decode(ReadOnlySpan<float> scores, int top = 5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(top);
        if (_labels is null)
        {
            throw new InvalidOperationException(
                $"'{File}' has no labels: put labels.txt beside it, or give KerasModelOptions.Labels. Predict returns its numbers.");
        }
        if (_labels.Task == ModelTask.Regression)
            throw new InvalidOperationException("This model is a regression, which has no labels to rank: call Predict.");
        if (scores.Length != Outputs[0].Count)
            throw new ArgumentException($"There are {scores.Length} scores; one image has {Outputs[0].Count}.", nameof(scores));
        Prediction.ThrowIfNaN(scores, 0);
        var predictions = _labels.Scores(scores).Select((score, i) => new Prediction(i, "", _labels.Names[i], score));
        return [.. predictions.OrderByDescending(p => p.Score).ThenBy(p => p.Index).Take(top)];
    }

    /// <summary>Gets the open file and the options it was opened with.</summary>
    internal WholeModel Whole => _model;

    /// <summary>Gets the probabilities of several samples from their outputs.</summary>
    internal float[] Activated(float[] outputs) =>
        _labels is null ? outputs : [.. outputs.Chunk(Outputs[0].Count).SelectMany(row => _labels.Activate(row))];

    /// <summary>Stops the engine and closes the file.</summary>
    /// <param name="disposing">Whether the call comes from <see cref="DelegatingBackbone.Dispose()"/>.</param>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _model.Dispose();
    }

    /// <summary>Returns the model's name, the input size and the outputs.</summary>
    public override string ToString() => $"{Name} {InputSize} -> {string.Join(", ", Outputs)}";
}
