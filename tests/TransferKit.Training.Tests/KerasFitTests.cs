namespace TransferKit.Training.Tests;

/// <summary>Follows whole fits of real Keras: EarlyStopping, ReduceLROnPlateau and the learning rates of schedules.</summary>
public class KerasFitTests
{
    public static TheoryData<int> Fits => new(Enumerable.Range(0, TrainingGolden.Load<KerasFit>("fits.json").Length));

    [Theory, MemberData(nameof(Fits))]
    public void A_fit_with_a_callback_ends_as_Keras_ends_it(int index)
    {
        var expected = TrainingGolden.Load<KerasFit>("fits.json")[index];
        using var pictures = new KerasPictures();
        var images = pictures.Open(ModelTask.Regression);
        using var model = KerasPictures.Model(KerasFit.Start, images);

        var history = model.Fit(images, expected.Monitor == "val_loss" ? images : null, new()
        {
            Epochs = expected.Epochs,
            BatchSize = KerasPictures.Count,
            Optimizer = new Sgd(expected.Rate, expected.Momentum),
            Callbacks = [expected.Callback],
        });

        Assert.Equal(expected.Logs["loss"].Length, history.Epochs.Count);
        foreach (var (name, values) in expected.Logs)
            Assert.Equal(values, history[name], (a, b) => Math.Abs(a - b) <= 1e-4 * Math.Abs(a));
        Assert.Equal(expected.End, model.Evaluate(images, KerasPictures.Count).Loss, 1e-4 * expected.End);
    }

    [Fact]
    public void Cosine_decay_has_Keras_rates_at_every_step()
    {
        foreach (var expected in TrainingGolden.Load<KerasSchedule>("schedules.json"))
        {
            var schedule = new CosineDecay(expected.Rate, expected.Alpha)
            {
                DecaySteps = expected.DecaySteps,
                WarmUpSteps = expected.WarmUpSteps,
            };
            Assert.Equal(expected.Rates, expected.Rates.Select((_, step) => schedule.At(step, 1000)), (a, b) => Math.Abs(a - b) < 1e-8);
        }
    }

    // Keras validates with the loss that it compiled, label smoothing included.
    [Fact]
    public void The_loss_of_validation_is_smoothed_like_that_of_training()
    {
        using var pictures = new KerasPictures();
        var images = pictures.Open(ModelTask.MultiClass);
        using var model = KerasPictures.Model(KerasFit.Start with { Task = "multi_class" }, images);
        var history = model.Fit(images, images, new()
        {
            Epochs = 2,
            BatchSize = KerasPictures.Count,
            Optimizer = new Sgd(1e-4),
            LabelSmoothing = 0.1,
        });
        // On the same images, what is measured after an epoch is what the next one begins with.
        Assert.Equal(history["loss"][1], history["val_loss"][0], 1e-5);
    }
}

/// <summary>Represents a fit of real Keras with one callback.</summary>
/// <param name="Early">The arguments of <c>EarlyStopping</c>, or null.</param>
/// <param name="Reduce">The arguments of <c>ReduceLROnPlateau</c>, or null.</param>
/// <param name="End">The loss of the model that the fit leaves.</param>
internal sealed record KerasFit(
    double Rate, double Momentum, int Epochs, string Monitor, Dictionary<string, double>? Early, Dictionary<string, double>? Reduce,
    Dictionary<string, double[]> Logs, double End)
{
    public static TrainingSteps Start { get; } = new("sgd", 0, "linear", "frozen", "regression", 0, 0, null, [], null);

    public Callback Callback => (Early, Reduce) switch
    {
        ({ } early, _) => new EarlyStopping { Patience = (int)early["patience"], MinDelta = early["min_delta"], RestoreBestWeights = true },
        (_, { } reduce) => new ReduceLearningRateOnPlateau
        {
            Patience = (int)reduce["patience"],
            Factor = reduce["factor"],
            MinScale = reduce.GetValueOrDefault("min_lr") / Rate,
        },
        _ => throw new InvalidOperationException(),
    };
}

/// <summary>Represents the rates of Keras' <c>CosineDecay</c> from step 0 on.</summary>
internal sealed record KerasSchedule(double Rate, double Alpha, long DecaySteps, long WarmUpSteps, double[] Rates);
