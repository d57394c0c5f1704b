// The C# of docs/training.md and of README.md's training tasks.
using TransferKit.Training;

namespace TransferKit.Snippets;

internal static class Training
{
    public static void ForKeras(TransferModel model)
    {
        Backbone.SaveKeras("mobilenet_v2", "mobile.keras", new() { Classes = 10, Weights = Weights.Random(seed: 42) });
        model.Save("cats.keras");                       // a TransferModel; cats.keras.json holds labels and preparation
    }

    public static void WholeStory()
    {
        var (train, validation) = ImageFolder.Open("photos").Split(0.2, seed: 1);
        using var model = TransferModel.Create("mobilenet_v2", train.Classes, new()
        {
            Backbone = new() { InputSize = (96, 96) },
            Head = Head.Linear.Dense(256).Dropout(0.2),
        });
        History history = model.FitTwoPhase(train, validation, new() { FineTuneFrom = "block_13_expand" });
        Evaluation evaluation = model.Evaluate(validation);

        model.Save("cats.h5");          // Keras loads it; cats.h5.json beside it has labels and preprocessing
        model.ExportOnnx("cats.onnx");  // bytes in, probabilities out, labels in its metadata

        using TrainedModel cats = TrainedModel.Load("cats.h5");   // ONNX Runtime, an IBackbone like any other
        Console.WriteLine(cats.Classify("cat.jpg")[0]);
        Console.WriteLine($"{history.Epochs.Count} epochs, {evaluation.Accuracy}");
    }

    public static void NewHead()
    {
        ImageFolder digits = ImageFolder.Open("digits/train");
        using var model = TransferModel.Create("mobilenet_v2", digits.Classes, new() { Backbone = new() { InputSize = (96, 96) } });
        model.Fit(digits, options: new() { Epochs = 60 });
        Console.WriteLine(model.Evaluate(ImageFolder.Open("digits/test")).Accuracy);
    }

    public static void FineTune(ImageFolder digits, TransferModel model)
    {
        model.FitTwoPhase(digits, options: new()
        {
            FineTune = new() { Epochs = 14, Optimizer = new Adam(new CosineDecay(3e-4)) },
            FineTuneFrom = "block_13_expand",                        // or leave it out: all layers
        });
    }

    public static void Smaller(ImageFolder digits)
    {
        using TransferModel small = TransferModel.From("small.keras", new() { Labels = digits.Classes });
        small.Fit(digits, options: new() { Epochs = 20, Optimizer = new Adam(new CosineDecay(2e-3) { WarmUpSteps = 30 }) });
        small.Save("digits.keras");                                  // KerasModel.Open runs it, in int8 too
    }

    public static void FromScratch(ImageFolder digits)
    {
        using var fresh = TransferModel.Create("mobilenet_v2", digits.Classes, new()
        {
            Backbone = new() { Weights = Weights.Random(seed: 1), Alpha = 0.35, InputSize = (96, 96) },
        });
        fresh.BatchNormalizationMomentum = 0.9;
        fresh.Fit(digits, options: new()
        {
            Epochs = 25,
            Optimizer = new Adam(new CosineDecay(2e-3) { WarmUpSteps = 60 }),
            Augmentation = [new RandomRotation(0.03), new RandomZoom(0.1), new RandomTranslation(0.08, 0.08)],
        });
    }

    public static void OtherTasks()
    {
        var table = ImageFolder.Open("photos.csv");                  // file,label: a.jpg,red|round
        using var tags = TransferModel.Create("resnet50", table.Classes, new() { Task = ModelTask.MultiLabel });

        var balanced = new FitOptions { ClassWeights = table.BalancedClassWeights(), UnreadableImages = OnError.Skip };
        var careful = new FitOptions
        {
            Epochs = 100,
            Optimizer = new AdamW(new CosineDecay(1e-3) { WarmUpSteps = 200 }) { GlobalClipNorm = 1 },
            LabelSmoothing = 0.1,
            Callbacks =
            [
                new EarlyStopping { Patience = 5, RestoreBestWeights = true }, new ReduceLearningRateOnPlateau { Patience = 3 },
                new CsvLogger("log.csv"),
            ],
            Checkpoint = "run.checkpoint",                           // a killed run goes on from here
        };
        Console.WriteLine($"{tags} {balanced} {careful}");
    }
}
