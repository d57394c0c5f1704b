using TransferKit.Analysis.Explaining;
using TransferKit.Backbones;
using TransferKit.Backbones.Trained;
using TransferKit.Backbones.Whole;
using TransferKit.Graph;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;

namespace TransferKit;

/// <summary>
/// Shows which parts of a picture speak for a class of a classifier. It is thread-safe, disposable and expensive to create.
/// </summary>
public sealed class Explainer : IDisposable
{
    private readonly LoadedBackbone _network;
    private readonly ExplainedClasses _classes;

    private readonly GradientHead? _head;

    private Explainer(ExplanationMethod method, LoadedBackbone network, ExplainedClasses classes, GradientHead? head = null) =>
        (Method, _network, _classes, _head) = (method, network, classes, head);

    /// <summary>Gets the method: class activation where the head allows it, else Grad-CAM, else occlusion.</summary>
    public ExplanationMethod Method { get; }

    /// <summary>Loads a classifier by name: downloads its weights if they are not cached, and starts the engine.</summary>
    /// <param name="name">Keras' name, such as <c>mobilenet_v2</c>.</param>
    /// <param name="options">The options, of which the output and the precision have no effect. Defaults to Keras' own.</param>
    /// <param name="progress">Progress reporter for the download.</param>
    /// <param name="cancellationToken">Token to cancel the download or the compilation.</param>
    /// <exception cref="UnknownNameException">No backbone has this name.</exception>
    /// <exception cref="BackboneOptionsException">The options do not fit each other, or have no classifier.</exception>
    /// <exception cref="TransferKitException">The weights are unavailable, or are not this model's.</exception>
    public static async Task<Explainer> LoadAsync(
        string name, BackboneOptions? options = null, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        options = (options ?? new()) with { Layers = [], AllStages = false, Precision = Precision.Float32 };
        var plan = BackbonePlan.Of(name, options);
        if (!options.IncludeTop)
            throw new BackboneOptionsException(plan.Architecture.Name, ["IncludeTop is false; only a classifier's classes are explained."]);
        var store = new WeightStore(options.Store);
        using var weights = await BackboneLoader.OpenWeightsAsync(plan, store, progress, cancellationToken).ConfigureAwait(false);
        var network = new Network(plan.Graph, plan.Outputs, plan.InputSize, plan.Preprocess) { Images = plan.Images };
        return await Task.Run(() => Of(network, weights, null, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a model of <c>transferkit learn</c> or <c>train</c>, or a whole Keras model.</summary>
    /// <param name="path">The path of the file: <c>.h5</c> or <c>.keras</c>.</param>
    /// <param name="options">The options of a whole Keras model. Defaults to what the file says.</param>
    /// <param name="cancellationToken">Token to cancel the compilation.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="TrainedModelException">The description of a trained model is missing or corrupt.</exception>
    /// <exception cref="KerasModelException">The Keras model cannot be run.</exception>
    /// <exception cref="ArgumentException">The model is a regression, or gives maps.</exception>
    public static Explainer Open(string path, KerasModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (TrainedModel.IsSavedAt(path))
        {
            var (description, network) = TrainedDescription.Load(path);
            if (description.Task == ModelTask.Regression)
                throw new ArgumentException($"'{path}' is a regression, which has no classes to explain.", nameof(path));
            using var weights = WeightBinder.Bind(WeightFile.Open(path), network.Graph);
            return Of(network, weights, description.Labels, cancellationToken);
        }
        using var whole = WholeModel.Open(path, (options ?? new()) with { Layers = [] });
        if (whole.Labels is { Task: ModelTask.Regression })
            throw new ArgumentException($"'{path}' is a regression, which has no classes to explain.", nameof(path));
        return Of(whole.Network, whole.File.Weights, whole.Labels?.Names, cancellationToken);
    }

    /// <summary>Computes the heat map of a picture file.</summary>
    /// <param name="path">The path of the picture.</param>
    /// <param name="label">The class: its label, its ImageNet identifier or its number. Defaults to the most probable one.</param>
    /// <param name="cancellationToken">Token to cancel the computation.</param>
    /// <exception cref="ImageDecodeException">The file is not a readable image.</exception>
    /// <exception cref="ArgumentException">There is no such class.</exception>
    public HeatMap Explain(string path, string? label = null, CancellationToken cancellationToken = default)
    {
        var images = _network.Images;
        return Explain(RgbImage.Load(path, images.DecodeAsInTraining, images.Decoder, cancellationToken), label, cancellationToken);
    }

    /// <summary>Computes the heat map of a picture.</summary>
    /// <param name="image">The picture, of any size.</param>
    /// <param name="label">The class: its label, its ImageNet identifier or its number. Defaults to the most probable one.</param>
    /// <param name="cancellationToken">Token to cancel the computation.</param>
    /// <exception cref="ArgumentException">There is no such class.</exception>
    public HeatMap Explain(RgbImage image, string? label = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        var (images, size) = (_network.Images, _network.InputSize);
        var fitting = images.FittingTo(size);
        var pixels = new float[size.Height * size.Width * 3];
        fitting.CopyTo(fitting.Fit(image, cancellationToken).Span, pixels);
        var seen = images is { AspectRatio: AspectRatio.Stretch, CropFrom: null }
            ? image
            : RgbImage.FromRgb24(size.Width, size.Height, Array.ConvertAll(pixels, p => (byte)Math.Clamp(MathF.Round(p), 0, 255)));
        return Method switch
        {
            ExplanationMethod.ClassActivation => Activation(pixels, label, seen, cancellationToken),
            ExplanationMethod.GradientActivation => GradientActivation(_head!, pixels, label, seen, cancellationToken),
            _ => Covered(pixels, label, seen, cancellationToken),
        };
    }

    /// <summary>Stops the engine.</summary>
    public void Dispose() => _network.Dispose();

    /// <summary>Returns the method and the network.</summary>
    public override string ToString() => $"{Method} of {_network}";

    private static Explainer Of(
        Network network, IWeightSource weights, IReadOnlyList<string>? labels, CancellationToken cancellationToken)
    {
        if (network.Outputs is not [var output] || output.OutputShape.IsMap)
            throw new ArgumentException($"{network.Graph.Name} has no vector of scores as its one output, so it has no class to explain.");
        if (ClassActivation.Of(network.Graph) is { } activation)
        {
            return new(
                ExplanationMethod.ClassActivation, Until(activation.Map, activation.Graph), new(labels, activation.ScoreActivation));
        }
        if (GradientHead.Of(network.Graph, weights) is { } head)
        {
            return new(
                ExplanationMethod.GradientActivation, Until(head.Map, new(network.Graph.Name, head.Map)),
                new(labels, head.ScoreActivation), head);
        }
        return new(ExplanationMethod.Occlusion, LoadedBackbone.Load(network, weights, null, cancellationToken), new(labels, null));

        LoadedBackbone Until(Layer map, LayerGraph graph) => LoadedBackbone.Load(
            network with { Graph = graph, Outputs = [map], Identity = null }, weights, null, cancellationToken);
    }

    private HeatMap Activation(float[] pixels, string? label, RgbImage seen, CancellationToken cancellationToken)
    {
        var output = _network.Predict(pixels, cancellationToken);
        var (height, width, scores) = (output.Shape[1], output.Shape[2], output.Shape[3]);
        var places = output[0].ToArray();
        var means = new float[scores];
        for (var i = 0; i < places.Length; i++)
            means[i % scores] += places[i] / (height * width);
        var chosen = ExplainedClasses.Choose(_classes.Predictions(means), label);
        var (channel, sign) = ScoreOf(chosen, scores);
        float[] values = [.. Enumerable.Range(0, height * width).Select(place => sign * places[place * scores + channel])];
        return new(Method, chosen, height, width, values, seen);
    }

    private HeatMap GradientActivation(
        GradientHead head, float[] pixels, string? label, RgbImage seen, CancellationToken cancellationToken)
    {
        var output = _network.Predict(pixels, cancellationToken);
        var (height, width, channels) = (output.Shape[1], output.Shape[2], output.Shape[3]);
        var map = Array.ConvertAll(output[0].ToArray(), x => (double)x);
        var (scores, gradientOf) = head.Run(map);
        var chosen = ExplainedClasses.Choose(_classes.Predictions(Array.ConvertAll(scores, s => (float)s)), label);
        var (score, sign) = ScoreOf(chosen, scores.Length);
        var (weights, gradient) = (new double[channels], gradientOf(score));
        for (var i = 0; i < gradient.Length; i++)
            weights[i % channels] += sign * gradient[i] / (height * width);
        float[] values = [.. map.Chunk(channels).Select(place => (float)Math.Max(0, place.Zip(weights, (x, w) => x * w).Sum()))];
        return new(Method, chosen, height, width, values, seen);
    }

    // What speaks against the second of two classes speaks for the first.
    private (int Score, int Sign) ScoreOf(Prediction chosen, int scores) =>
        scores == 1 ? (0, chosen.Index == 0 && _classes.Labels?.Count == 2 ? -1 : 1) : (chosen.Index, 1);

    private HeatMap Covered(float[] pixels, string? label, RgbImage seen, CancellationToken cancellationToken)
    {
        var chosen = ExplainedClasses.Choose(Predict(pixels, 1)[0], label);
        var losses = Occlusion.Losses(
            pixels, _network.InputSize, (pictures, count) => [.. Predict(pictures, count).Select(p => p[chosen.Index].Score)],
            cancellationToken);
        return new(Method, chosen, Occlusion.Side, Occlusion.Side, losses, seen);

        IReadOnlyList<Prediction>[] Predict(float[] pictures, int count)
        {
            var scores = _network.Predict(pictures, cancellationToken);
            return [.. Enumerable.Range(0, count).Select(i => _classes.Predictions(scores[i]))];
        }
    }
}
