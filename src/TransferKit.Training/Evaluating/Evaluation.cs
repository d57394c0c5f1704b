using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using TransferKit.Architectures;
using TransferKit.Training.Fitting;

namespace TransferKit.Training;

/// <summary>Represents the metrics of one class.</summary>
public sealed class ClassEvaluation
{
    internal ClassEvaluation(string label, int support, int predicted, int right) =>
        (Label, Support, Precision, Recall) =
            (label, support, predicted == 0 ? 0 : (double)right / predicted, support == 0 ? 0 : (double)right / support);

    /// <summary>Gets the name of the class.</summary>
    public string Label { get; }

    /// <summary>Gets the number of images of the class.</summary>
    public int Support { get; }

    /// <summary>Gets the fraction of predictions of the class that are right.</summary>
    public double Precision { get; }

    /// <summary>Gets the fraction of images of the class that are predicted as such.</summary>
    public double Recall { get; }

    /// <summary>Gets the harmonic mean of precision and recall.</summary>
    public double F1 => Precision + Recall == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);
}

/// <summary>Represents the prediction for one image.</summary>
public sealed class EvaluatedImage
{
    internal EvaluatedImage(LabelledImage image, float[] outputs, int actual, int predicted, float score) =>
        (Image, Outputs, Actual, Predicted, Score) = (image, outputs, actual, predicted, score);

    /// <summary>Gets the image and its labels.</summary>
    public LabelledImage Image { get; }

    /// <summary>Gets all outputs of the model.</summary>
    public IReadOnlyList<float> Outputs { get; }

    /// <summary>Gets the index of the actual class, or -1 for multi-label and regression tasks.</summary>
    public int Actual { get; }

    /// <summary>Gets the index of the most probable class, or -1 for multi-label and regression tasks.</summary>
    public int Predicted { get; }

    /// <summary>Gets the probability of the predicted class, or 0 for multi-label and regression tasks.</summary>
    public float Score { get; }

    /// <summary>Gets whether the predicted class is not the actual class.</summary>
    [JsonIgnore]
    public bool IsMistake => Actual != Predicted;
}

/// <summary>Represents the metrics of a model on labelled images.</summary>
public sealed class Evaluation
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private Evaluation(
        ModelTask task, IReadOnlyList<string> labels, Measured measured, EvaluatedImage[] images,
        IReadOnlyDictionary<string, Exception> unreadable)
    {
        (Task, Labels, Loss, Images, Unreadable) = (task, labels, measured.Loss, images, unreadable);
        if (task == ModelTask.Regression)
            MeanAbsoluteError = measured.Metric;
        else
            Accuracy = measured.Metric;
        if (task is ModelTask.MultiClass or ModelTask.Binary)
        {
            ConfusionMatrix = Confusion(labels.Count, images);
            Classes = [.. labels.Select((label, c) => new ClassEvaluation(
                label, ConfusionMatrix[c].Sum(), ConfusionMatrix.Sum(row => row[c]), ConfusionMatrix[c][c]))];
            TopK = Math.Min(5, labels.Count);
            TopKAccuracy = images.Average(i => Rank(i) < TopK ? 1.0 : 0.0);
        }
        else if (task == ModelTask.MultiLabel)
        {
            Classes = [.. labels.Select((label, c) => new ClassEvaluation(
                label, images.Count(i => i.Image.Classes.Contains(c)), images.Count(i => i.Outputs[c] > 0.5),
                images.Count(i => i.Image.Classes.Contains(c) && i.Outputs[c] > 0.5)))];
        }
    }

    /// <summary>Gets the task, which says how to read the outputs.</summary>
    public ModelTask Task { get; }

    /// <summary>Gets the names of the outputs.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Gets the mean loss without label smoothing and class weights.</summary>
    public double Loss { get; }

    /// <summary>Gets the fraction of right predictions, or null for regression. Multi-label tasks count each label.</summary>
    public double? Accuracy { get; }

    /// <summary>Gets the k of <see cref="TopKAccuracy"/>: 5, or the number of classes if that is less.</summary>
    public int? TopK { get; }

    /// <summary>Gets the fraction of images whose class is among the k most probable.</summary>
    public double? TopKAccuracy { get; }

    /// <summary>Gets the mean absolute error of the outputs, or null if the task is not regression.</summary>
    public double? MeanAbsoluteError { get; }

    /// <summary>Gets precision and recall of each class; empty for regression.</summary>
    public IReadOnlyList<ClassEvaluation> Classes { get; } = [];

    /// <summary>
    /// Gets the number of images by actual class (row) and predicted class (column), or null for multi-label and regression tasks.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<int>>? ConfusionMatrix { get; }

    /// <summary>Gets the prediction for each image.</summary>
    public IReadOnlyList<EvaluatedImage> Images { get; }

    /// <summary>Gets the errors of skipped files, by path.</summary>
    public IReadOnlyDictionary<string, Exception> Unreadable { get; }

    /// <summary>Evaluates a saved model on ONNX Runtime. TorchSharp is not needed.</summary>
    /// <param name="model">The model.</param>
    /// <param name="images">The images; their labels are matched with the model's by name.</param>
    /// <param name="unreadable">The handling of unreadable files.</param>
    /// <param name="cancellationToken">A token that cancels the evaluation.</param>
    /// <exception cref="TrainingDataException">A label is not a class of the model, or no image could be read.</exception>
    public static Evaluation Of(
        TrainedModel model, ImageFolder images, OnError unreadable = OnError.Stop, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Of(model, model.Task, model.Labels, rows => rows, images, unreadable, cancellationToken);
    }

    /// <summary>Evaluates a whole Keras model that has labels. An output without activation is taken for logits.</summary>
    /// <param name="model">The model.</param>
    /// <param name="images">The images; their labels are matched with the model's by name.</param>
    /// <param name="unreadable">The handling of unreadable files.</param>
    /// <param name="cancellationToken">A token that cancels the evaluation.</param>
    /// <exception cref="ArgumentException">The model has no labels.</exception>
    /// <exception cref="TrainingDataException">A label is not a class of the model, or no image could be read.</exception>
    public static Evaluation Of(
        KerasModel model, ImageFolder images, OnError unreadable = OnError.Stop, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Task is not { } task)
        {
            throw new ArgumentException(
                $"'{model.File}' has no labels: put labels.txt beside it, or give KerasModelOptions.Labels.", nameof(model));
        }
        return Of(model, task, model.Labels, model.Activated, images, unreadable, cancellationToken);
    }

    private static Evaluation Of(
        IBackbone model, ModelTask task, IReadOnlyList<string> labels, Func<float[], float[]> activate, ImageFolder images,
        OnError unreadable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(images);
        var own = DataRules.Check(images, task, labels);
        var reader = new ImageReader(own, model.Images, model.InputSize, unreadable, 0);
        var (read, outputs) = (new List<int>(), new List<float>());
        int[] order = [.. Enumerable.Range(0, own.Images.Count)];
        foreach (var batch in new BatchReader(reader, PreprocessMode.None, []).Read(order, 32, 0, cancellationToken))
        {
            using (batch)
            {
                if (batch.Images.Length == 0)
                    continue;
                read.AddRange(batch.Images);
                outputs.AddRange(activate(model.Predict((ReadOnlySpan<float>)batch.Pixels, cancellationToken).ToArray()));
            }
        }
        if (read.Count == 0)
            throw new TrainingDataException(TrainingDataError.NothingReadable, own.Source, "no image could be read.");
        var measured = OutputLoss.Measure(task, own, [.. read], [.. outputs]);
        return Of(task, labels, own, measured, reader.Unreadable);
    }

    /// <summary>Returns all metrics as JSON: <c>loss</c>, <c>accuracy</c>, <c>classes</c>, <c>confusion_matrix</c> and others.</summary>
    public string ToJson() => JsonSerializer.Serialize(Figures(), Json);

    internal object Figures() => new
    {
        task = JsonNamingPolicy.SnakeCaseLower.ConvertName(Task.ToString()),
        images = Images.Count,
        loss = Loss,
        accuracy = Accuracy,
        top_k = TopK,
        top_k_accuracy = TopKAccuracy,
        mean_absolute_error = MeanAbsoluteError,
        classes = Classes,
        labels = Labels,
        confusion_matrix = ConfusionMatrix,
        unreadable = Unreadable.ToDictionary(u => u.Key, u => u.Value.Message),
    };

    internal static Evaluation Of(
        ModelTask task, IReadOnlyList<string> labels, ImageFolder folder, Measured measured,
        IReadOnlyDictionary<string, Exception> unreadable)
    {
        var width = measured.Outputs.Length / measured.Images.Length;
        var images = measured.Images.Select(
            (image, n) => Judge(task, folder.Images[image], measured.Outputs[(n * width)..((n + 1) * width)]));
        return new(task, labels, measured, [.. images], unreadable);
    }

    /// <summary>Gets the images with a wrong prediction, in descending order of its probability.</summary>
    /// <param name="count">The largest number of images to return.</param>
    public IReadOnlyList<EvaluatedImage> WorstMistakes(int count) =>
        [.. Images.Where(i => i.IsMistake).OrderByDescending(i => i.Score).ThenBy(i => i.Image.Path, StringComparer.Ordinal).Take(count)];

    private static EvaluatedImage Judge(ModelTask task, LabelledImage image, float[] outputs)
    {
        if (task is ModelTask.MultiLabel or ModelTask.Regression)
            return new(image, outputs, -1, -1, 0);
        var each = task == ModelTask.Binary ? [1 - outputs[0], outputs[0]] : outputs;
        var predicted = Array.IndexOf(each, each.Max());
        return new(image, outputs, image.Classes[0], predicted, each[predicted]);
    }

    private static int Rank(EvaluatedImage image) => image.Outputs.Count == 1
        ? (image.IsMistake ? 1 : 0)
        : image.Outputs.Count(o => o > image.Outputs[image.Actual]);

    private static int[][] Confusion(int classes, EvaluatedImage[] images)
    {
        var matrix = Enumerable.Range(0, classes).Select(_ => new int[classes]).ToArray();
        foreach (var image in images)
            matrix[image.Actual][image.Predicted]++;
        return matrix;
    }
}
