namespace TransferKit.Training.Tests;

/// <summary>Follows real Keras step by step: every optimiser, head, freeze and loss of docs/training.md.</summary>
public sealed class KerasStepTests : IClassFixture<KerasStepTests.Shared>
{
    private static readonly TrainingSteps[] Steps = TrainingGolden.Load<TrainingSteps>("steps.json");

    /// <summary>The optimisers of <c>make.py</c>, by its names, with the rate of the run.</summary>
    private static readonly Dictionary<string, Func<double, Optimizer>> Optimizers = new()
    {
        ["sgd"] = rate => new Sgd(rate),
        ["momentum"] = rate => new Sgd(rate, momentum: 0.9),
        ["nesterov"] = rate => new Sgd(rate, momentum: 0.9, nesterov: true),
        ["adam"] = rate => new Adam(rate),
        ["adamw"] = rate => new AdamW(rate) { WeightDecay = 100 },
        ["rmsprop"] = rate => new RmsProp(rate),
        ["rmsprop momentum centered"] = rate => new RmsProp(rate, momentum: 0.5, centered: true),
        ["sgd decay"] = rate => new Sgd(rate) { WeightDecay = 100 },
        ["clip norm"] = rate => new Sgd(rate) { ClipNorm = 0.1 },
        ["clip global norm"] = rate => new Sgd(rate) { GlobalClipNorm = 0.5 },
        ["clip value"] = rate => new Sgd(rate) { ClipValue = 0.01 },
        ["cosine warm-up"] = rate => new Sgd(new CosineDecay(rate, alpha: 0.1) { WarmUpSteps = 3, DecaySteps = 5 }, momentum: 0.9),
    };

    private readonly KerasPictures _pictures;

    public KerasStepTests(Shared shared) => _pictures = shared.Pictures;

    public static TheoryData<string> Runs => new(Steps.Select(s => s.ToString()));

    [Theory, MemberData(nameof(Runs))]
    public void Eight_steps_have_Keras_losses(string name)
    {
        var expected = Steps.Single(s => s.ToString() == name);
        var found = Fit(expected, expected.Losses.Length, out _);
        var worst = expected.Losses.Zip(found["loss"], (a, b) => Math.Abs(a - b)).Max();
        TestContext.Current.SendDiagnosticMessage($"{worst:0.0e+00} {name}");
        Assert.InRange(worst, 0, 1e-4);
    }

    [Fact]
    public void Statistics_of_batch_normalisation_are_those_of_float64()
    {
        // Where all layers train, those before a normalisation round too: Keras' own float32 is 1.1e-5 from float64 there.
        foreach (var expected in Steps.Where(s => s.AfterFirst is not null && !s.Freeze.StartsWith("all", StringComparison.Ordinal)))
        {
            Fit(expected, 1, out var weights);
            foreach (var (layer, statistics) in expected.AfterFirst!)
            {
                for (var i = 0; i < 2; i++)
                {
                    var scale = statistics[i].Max(Math.Abs);
                    var worst = statistics[i].Zip(weights[layer][2 + i], (a, b) => Math.Abs(a - b)).Max() / scale;
                    TestContext.Current.SendDiagnosticMessage($"{worst:0.0e+00} {layer} {i} {expected}");
                    Assert.InRange(worst, 0, 1e-5);
                }
            }
        }
    }

    private History Fit(TrainingSteps steps, int epochs, out IReadOnlyDictionary<string, float[][]> weights)
    {
        var images = _pictures.Open(steps.ModelTask);
        using var model = KerasPictures.Model(steps, images);
        var history = model.Fit(images, options: new()
        {
            Epochs = epochs,
            BatchSize = KerasPictures.Count,
            Optimizer = Optimizers[steps.Optimizer](steps.Rate),
            HeadL2 = steps.L2,
            LabelSmoothing = steps.Smoothing,
            ClassWeights = steps.ClassWeights?.Select((weight, c) => (weight, c)).ToDictionary(w => $"c{w.c}", w => w.weight),
        });
        weights = model.Graph.Snapshot().Values;
        return history;
    }

    public sealed class Shared : IDisposable
    {
        internal KerasPictures Pictures { get; } = new();

        public void Dispose() => Pictures.Dispose();
    }
}
