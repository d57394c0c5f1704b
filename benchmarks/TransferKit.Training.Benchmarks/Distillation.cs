using TransferKit.Training.Fitting;
using static TorchSharp.torch;

namespace TransferKit.Training.Benchmarks;

/// <summary>
/// Trains a student on labels and on what a teacher says of the same images, as Keras' example of knowledge distillation does (Hinton,
/// Vinyals and Dean, 2015). The order of images and the optimizer are those of <see cref="TransferModel.Fit"/>.
/// </summary>
internal sealed class Distillation
{
    // The settings of Keras' example.
    private const double LabelShare = 0.1;
    private const double Temperature = 10;

    private readonly ImageFolder _train;
    private readonly int _classes;
    private readonly Tensor _teacher;

    public Distillation(TransferModel teacher, ImageFolder train)
    {
        (_train, _classes) = (train, teacher.Labels.Count);
        using var noGrad = no_grad();
        using var inference = teacher.Graph.InInference();
        var logits = new List<float>();
        foreach (var batch in FeedOf(teacher).Read([.. Enumerable.Range(0, train.Images.Count)], 32, 0, default))
        {
            using (batch)
            {
                using var scope = NewDisposeScope();
                logits.AddRange(Logits(teacher, batch).contiguous().data<float>().ToArray());
            }
        }
        _teacher = tensor(logits.ToArray(), [train.Images.Count, _classes]);
    }

    public void Fit(TransferModel student, FitOptions options)
    {
        var feed = FeedOf(student);
        var loss = new Loss(ModelTask.MultiClass, _classes);
        student.Graph.SetModes(student.Learns, student.RunsAsInTraining);
        Tensor[] weights = [.. student.Graph.TrainableWeights];
        Tensor[][] slots = [.. weights.Select(w => Enumerable.Range(0, options.Optimizer.SlotCount)
            .Select(_ => zeros_like(w).DetachFromDisposeScope()).ToArray())];
        var (step, steps) = (0, options.Epochs * ((_train.Images.Count + options.BatchSize - 1) / options.BatchSize));
        for (var epoch = 1; epoch <= options.Epochs; epoch++)
        {
            var order = Enumerable.Range(0, _train.Images.Count).ToArray();
            Draw.Shuffle(order, options.Seed, epoch);
            foreach (var batch in feed.Read(order, options.BatchSize, 0, default))
            {
                using (batch)
                {
                    using var scope = NewDisposeScope();
                    var rate = options.Optimizer.LearningRate.At(step, steps);
                    var targets = tensor(loss.Targets(batch.Images.Select(i => _train.Images[i])), [batch.Images.Length, _classes]);
                    var teacher = _teacher.index_select(0, tensor(batch.Images.Select(i => (long)i).ToArray()));
                    var logits = Logits(student, batch);
                    var both = LabelShare * loss.Of(logits, targets, null) + (1 - LabelShare) * Divergence(teacher, logits);
                    both.backward();
                    step++;
                    options.Optimizer.Apply(weights, [.. weights.Select(w => w.grad!)], slots, rate, step);
                    foreach (var weight in weights)
                        weight.grad = null;
                }
            }
        }
    }

    // The square keeps the gradients' size, which falls with the square of the temperature.
    private static Tensor Divergence(Tensor teacher, Tensor student)
    {
        var (expected, found) = ((teacher / Temperature).log_softmax(1), (student / Temperature).log_softmax(1));
        return (expected.exp() * (expected - found)).sum(1).mean() * (Temperature * Temperature);
    }

    private static Tensor Logits(TransferModel model, FeedBatch batch) =>
        model.Graph.Run(batch.Input(), model.Graph.Graph.Input, model.Graph.Graph.Output, logits: true);

    private Feed FeedOf(TransferModel model)
    {
        var reader = new ImageReader(_train, model.Images, model.InputSize, OnError.Stop, 1L << 30);
        return new(reader, new(reader, model.Preprocess, []), model.Graph.Graph.Input, null);
    }
}
