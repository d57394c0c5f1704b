using System.Globalization;
using TransferKit.Analysis.Classifiers;
using TransferKit.Analysis.Features;
using TransferKit.Backbones;
using TransferKit.Backbones.Trained;
using TransferKit.Common;
using TransferKit.Configs.Writing;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Store;

namespace TransferKit;

/// <content>Saves the classifier alone, or with its backbone as a model of pictures.</content>
public sealed partial class FeatureClassifier
{
    /// <summary>Saves the classifier as one file, without its backbone and its report.</summary>
    /// <param name="path">The path of the file. An existing one is replaced.</param>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var header = new ClassifierHeader
        {
            Kind = Kind,
            Labels = [.. Labels],
            Dimensions = Dimensions,
            Temperature = Temperature,
            Threshold = Threshold,
            Strength = Strength,
            Vectors = (_scorer as NearestNeighbours)?.Classes.Length,
            Neighbours = (_scorer as NearestNeighbours)?.Neighbours,
            Stamp = new(Stamp),
        };
        ClassifierFile.Write(path, header, _scorer);
    }

    /// <summary>Loads a classifier that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="TrainedModelException">The file is no classifier, or damaged.</exception>
    public static FeatureClassifier Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var (header, scorer) = ClassifierFile.Read(path);
        return new(scorer, header.Labels, header.Stamp)
        {
            Strength = header.Strength,
            Temperature = header.Temperature,
            Threshold = header.Threshold,
        };
    }

    /// <summary>
    /// Saves backbone and classifier as one model of pictures, which <see cref="TrainedModel.Load"/> and Keras open: a <c>.keras</c> or
    /// <c>.h5</c> file, and beside it a <c>.json</c> of labels and preprocessing. Its probabilities are the classifier's calibrated ones.
    /// </summary>
    /// <param name="path">The path of the <c>.keras</c> or <c>.h5</c> file. An existing one is replaced.</param>
    /// <param name="backbone">Keras' name of the backbone that extracted the features.</param>
    /// <param name="options">The options that it was loaded with.</param>
    /// <param name="progress">Progress reporter for the download of weights.</param>
    /// <param name="cancellationToken">Token to cancel the download and the writing.</param>
    /// <exception cref="InvalidOperationException">The kind is <see cref="ClassifierKind.NearestNeighbours"/>.</exception>
    /// <exception cref="FeatureDataException">The features are not those of this backbone.</exception>
    /// <exception cref="BackboneOptionsException">The options do not fit each other, the backbone or a classifier.</exception>
    /// <exception cref="OutputFormatException">The extension is neither <c>.keras</c> nor <c>.h5</c>.</exception>
    /// <exception cref="OutputFileException">A file cannot be written.</exception>
    public async Task SaveModelAsync(
        string path, string backbone, BackboneOptions options, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var target = OutputTarget.Of(path, KerasModelWriter.Keras, KerasModelWriter.Legacy);
        target.ThrowIfStream("the description goes to a file beside it");
        await WithModelAsync(backbone, options, (description, network, weights) =>
        {
            KerasModelWriter.Write(target, network.Graph, weights, cancellationToken: cancellationToken);
            description.Save(path);
            return true;
        }, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes preprocessing, backbone and classifier as one ONNX file. Its input is bytes <c>(n, h, w, 3)</c>, or floats if
    /// <see cref="ImageLoadOptions.Resize"/> gives them; its output is the calibrated probabilities. Its metadata has the labels as a JSON
    /// list under <c>labels</c>. The file is run and checked before it replaces an existing one.
    /// </summary>
    /// <param name="path">The path of the <c>.onnx</c> file.</param>
    /// <param name="backbone">Keras' name of the backbone that extracted the features.</param>
    /// <param name="options">The options that it was loaded with.</param>
    /// <param name="progress">Progress reporter for the download of weights.</param>
    /// <param name="cancellationToken">Token to cancel the download and the writing.</param>
    /// <exception cref="InvalidOperationException">The kind is <see cref="ClassifierKind.NearestNeighbours"/>.</exception>
    /// <exception cref="FeatureDataException">The features are not those of this backbone.</exception>
    /// <exception cref="BackboneOptionsException">The options do not fit each other, the backbone or a classifier.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public Task ExportOnnxAsync(
        string path, string backbone, BackboneOptions options, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return WithModelAsync(backbone, options, (description, network, weights) =>
        {
            TrainedExport.Write(description, network, weights, path, cancellationToken);
            return true;
        }, progress, cancellationToken);
    }

    /// <summary>Creates a model of pictures from backbone and classifier, like one that was trained by TransferKit.Training.</summary>
    /// <param name="backbone">Keras' name of the backbone that extracted the features.</param>
    /// <param name="options">The options that it was loaded with.</param>
    /// <param name="progress">Progress reporter for the download of weights.</param>
    /// <param name="cancellationToken">Token to cancel the download.</param>
    /// <exception cref="InvalidOperationException">The kind is <see cref="ClassifierKind.NearestNeighbours"/>.</exception>
    /// <exception cref="FeatureDataException">The features are not those of this backbone.</exception>
    /// <exception cref="BackboneOptionsException">The options do not fit each other, the backbone or a classifier.</exception>
    public Task<TrainedModel> ToModelAsync(
        string backbone, BackboneOptions options, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        WithModelAsync(backbone, options, TrainedModel.Of, progress, cancellationToken);

    private async Task<T> WithModelAsync<T>(
        string backbone, BackboneOptions options, Func<TrainedDescription, Network, IWeightSource, T> use,
        IProgress<WeightDownloadProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var linear = _scorer switch
        {
            LinearScorer scorer => scorer,
            NearestMean means => means.Linear,
            _ => throw new InvalidOperationException(
                $"{Kind} compares with every picture, which no layer of a network does. Train another kind, or save the classifier alone."),
        };
        if (ProblemOf(options) is { } problem)
            throw new BackboneOptionsException(backbone, [problem]);
        var plan = BackbonePlan.Of(backbone, options);
        var store = new WeightStore(plan.Options.Store);
        using var weights = await BackboneLoader.OpenWeightsAsync(plan, store, progress, cancellationToken).ConfigureAwait(false);
        ThrowIfOtherFeatures(plan, store);
        var head = options.Pooling == Pooling.None ? HeadSpec.Parse("flatten") : HeadSpec.Linear;
        var description = TrainedDescription.Of(plan, options.Images, head, ModelTask.MultiClass, Labels);
        using var all = new CombinedWeights(plan.Graph, weights, DenseWeights.Of(linear, Temperature));
        // Writing and compiling are long computations, and the caller may be on the thread of a user interface.
        return await Task.Run(() => use(description, TrainedModel.Describe(description), all), cancellationToken).ConfigureAwait(false);
    }

    private static string? ProblemOf(BackboneOptions options) => options switch
    {
        { IncludeTop: true } => "IncludeTop is true; a classifier replaces the top.",
        { Layers.Count: > 0 } or { AllStages: true } => "Layers or AllStages names other outputs than the end of the backbone.",
        { Precision: not Precision.Float32 } => $"Precision is {options.Precision}; the model runs in Float32, so extract the features so.",
        _ => null,
    };

    // The stamp also has what a backbone does not determine, such as the limits of decoding, so only what both name is compared.
    private void ThrowIfOtherFeatures(BackbonePlan plan, WeightStore store)
    {
        var length = plan.Graph.Output.OutputShape.Count;
        if (length != Dimensions)
        {
            throw new FeatureDataException(
                FeatureDataError.MixedStamps,
                $"{plan.Architecture.Name} gives {length} features, and the classifier was trained on {Dimensions}. "
                + "Name the backbone and the options that extracted them.");
        }
        var images = plan.Images;
        var now = new Dictionary<string, string>(plan.Describe(), StringComparer.Ordinal)
        {
            ["backbone"] = plan.Architecture.Name,
            ["input_size"] = plan.InputSize.ToString(),
            ["resize"] = Text(images.Resize),
            ["interpolation"] = Text(images.Interpolation),
            ["aspect_ratio"] = Text(images.AspectRatio),
            ["color_mode"] = Text(images.ColorMode),
            ["exif_orientation"] = Text(images.Decode.ApplyExifOrientation),
            ["draft"] = Text(images.Decode.Draft),
            ["weights"] = WeightLoader.IdentityOf(plan.Options.Weights, plan.PublishedWeights, store),
        };
        var common = now.Keys.Where(Stamp.ContainsKey).ToArray();
        FeatureStamp.ThrowIfMixed(
            common.ToDictionary(k => k, k => Stamp[k]), common.ToDictionary(k => k, k => now[k]), $"the backbone {plan.Architecture.Name}");
    }

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!.ToLowerInvariant();
}
