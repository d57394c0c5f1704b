using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using TransferKit.Architectures;
using TransferKit.Training.Fitting;

namespace TransferKit.Training;

/// <summary>How well one class is told.</summary>
public sealed class ClassEvaluation
{
    internal ClassEvaluation(string label, int support, int predicted, int right) =>
        (Label, Support, Precision, Recall) = (label, support, predicted == 0 ? 0 : (double)right / predicted, support == 0 ? 0 : (double)right / support);

    /// <summary>The class.</summary>
    public string Label { get; }

    /// <summary>How many images are of it.</summary>
    public int Support { get; }

    /// <summary>Of the images that were said to be of it, the share that are.</summary>
    public double Precision { get; }

    /// <summary>Of the images that are of it, the share that were found.</summary>
    public double Recall { get; }

    /// <summary>The harmonic mean of the two.</summary>
    public double F1 => Precision + Recall == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);
}

/// <summary>What a model said of one image.</summary>
public sealed class EvaluatedImage
{
    internal EvaluatedImage(LabelledImage image, float[] outputs, int actual, int predicted, float score) =>
        (Image, Outputs, Actual, Predicted, Score) = (image, outputs, actual, predicted, score);

    /// <summary>The image and its labels.</summary>
    public LabelledImage Image { get; }

    /// <summary>All outputs.</summary>
    public IReadOnlyList<float> Outputs { get; }

    /// <summary>The class that it is of; -1 where the task is not of one class an image.</summary>
    public int Actual { get; }

    /// <summary>The class that the model thinks most likely; -1 where the task is not of one class an image.</summary>
    public int Predicted { get; }

    /// <summary>How sure it is, 0 to 1.</summary>
    public float Score { get; }

    /// <summary>Whether it is wrong.</summary>
    [JsonIgnore]
    public bool IsMistake => Actual != Predicted;
}

/// <summary>A model measured on labelled images.</summary>
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

    private Evaluation(ModelTask task, IReadOnlyList<string> labels, Measured measured, EvaluatedImage[] images, IReadOnlyDictionary<string, Exception> unreadable)
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

    /// <summary>What the outputs mean.</summary>
    public ModelTask Task { get; }

    /// <summary>The classes.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The mean loss, without label smoothing and class weights.</summary>
    public double Loss { get; }

    /// <summary>The share that is right; of multi-label tasks, of all yes and no. Null for regression.</summary>
    public double? Accuracy { get; }

    /// <summary>The k of <see cref="TopKAccuracy"/>: 5, or the number of classes.</summary>
    public int? TopK { get; }

    /// <summary>The share whose class is among the k most likely.</summary>
    public double? TopKAccuracy { get; }

    /// <summary>For regression, the mean of how far outputs are off.</summary>
    public double? MeanAbsoluteError { get; }

    /// <summary>Precision and recall of each class.</summary>
    public IReadOnlyList<ClassEvaluation> Classes { get; } = [];

    /// <summary>How many images of each class (row) were said to be of each (column); null where images have no one class.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? ConfusionMatrix { get; }

    /// <summary>What the model said of each image.</summary>
    public IReadOnlyList<EvaluatedImage> Images { get; }

    /// <summary>Files that were left out, and why.</summary>
    public IReadOnlyDictionary<string, Exception> Unreadable { get; }

    /// <summary>Measures a saved model on ONNX Runtime; TorchSharp is not needed.</summary>
    /// <param name="model">The model.</param>
    /// <param name="images">The images; their labels are found among the model's by name.</param>
    /// <param name="unreadable">What happens to files that are no readable images.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="TrainingDataException">A label is none of the model's.</exception>
    public static Evaluation Of(
        TrainedModel model, ImageFolder images, OnError unreadable = OnError.Stop, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(images);
        var own = DataRules.Check(images, model.Task, model.Labels);
        var reader = new ImageReader(own, model.Images, model.InputSize, unreadable, 0);
        var (read, outputs) = (new List<int>(), new List<float>());
        foreach (var batch in new BatchReader(reader, PreprocessMode.None, []).Read([.. Enumerable.Range(0, own.Images.Count)], 32, 0, cancellationToken))
        {
            using (batch)
            {
                if (batch.Images.Length == 0)
                    continue;
                read.AddRange(batch.Images);
                outputs.AddRange(model.Predict((ReadOnlySpan<float>)batch.Pixels, cancellationToken).Values.Span);
            }
        }
        if (read.Count == 0)
            throw new TrainingDataException(TrainingDataError.NothingReadable, own.Source, "no image could be read.");
        var measured = OutputLoss.Measure(model.Task, own, [.. read], [.. outputs]);
        return Of(model.Task, model.Labels, own, measured, reader.Unreadable);
    }

    /// <summary>All figures as JSON, with Keras' names: <c>loss</c>, <c>accuracy</c>, <c>classes</c>, <c>confusion_matrix</c>.</summary>
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
        ModelTask task, IReadOnlyList<string> labels, ImageFolder folder, Measured measured, IReadOnlyDictionary<string, Exception> unreadable)
    {
        var width = measured.Outputs.Length / measured.Images.Length;
        return new(task, labels, measured, [.. measured.Images.Select((image, n) => Judge(task, folder.Images[image], measured.Outputs[(n * width)..((n + 1) * width)]))], unreadable);
    }

    /// <summary>The images whose class the model was most wrong about, the surest mistakes first.</summary>
    /// <param name="count">How many at most.</param>
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
