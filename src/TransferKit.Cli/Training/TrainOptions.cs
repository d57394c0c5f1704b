using System.CommandLine;
using System.Globalization;
using TransferKit.Training;

namespace TransferKit.Cli;

/// <summary>The options of <c>transferkit train</c>, and the fits that they come to.</summary>
internal sealed class TrainOptions
{
    public Option<string> Out { get; } = new("--out", "-o")
    {
        Description = "The model: Keras' .h5, with a .json of labels and preprocessing beside it.",
        Required = true,
        Validators = { OutputPath.Check("--out", ".h5") },
    };

    public Option<string> Head { get; } = new("--head") { Description = "linear, or layers: dense:256,dropout:0.2; flatten and batch_normalization too.", DefaultValueFactory = _ => "linear" };
    public Option<ModelTask> Task { get; } = new("--task") { Description = "multiclass, binary, multilabel or regression." };
    public Option<string?> FineTuneFrom { get; } = new("--fine-tune-from") { Description = "After the head, train the backbone too, from this layer on or all." };
    public Option<int> Epochs { get; } = new("--epochs") { Description = "Epochs of the last phase.", DefaultValueFactory = _ => 10 };
    public Option<int> HeadEpochs { get; } = new("--head-epochs") { Description = "Epochs of the head before fine-tuning.", DefaultValueFactory = _ => 10 };
    public Option<int> BatchSize { get; } = new("--batch-size") { Description = "Images in a step.", DefaultValueFactory = _ => 32 };
    public Option<string> Optimizer { get; } = new("--optimizer") { Description = "adam, adamw, rmsprop or sgd (momentum 0.9).", DefaultValueFactory = _ => "adam" };
    public Option<double?> LearningRate { get; } = new("--learning-rate") { Description = "Of the last phase; 0.001 for a head or from scratch, 0.0001 for fine-tuning, when left out." };
    public Option<string> Schedule { get; } = new("--schedule") { Description = "constant, cosine, or plateau (a tenth after 3 epochs without a better one).", DefaultValueFactory = _ => "constant" };
    public Option<long> WarmUp { get; } = new("--warm-up") { Description = "Steps over which the learning rate rises." };
    public Option<double> WeightDecay { get; } = new("--weight-decay") { Description = "What each step takes off the weights, times the rate." };

    public Option<double> HeadL2 { get; } = new("--head-l2")
    {
        Description = "Times the squares of the head's dense kernels, this is added to the loss (Keras: kernel_regularizer).",
    };

    public Option<double?> ClipNorm { get; } = new("--clip-norm") { Description = "The greatest length of all gradients together." };
    public Option<double> LabelSmoothing { get; } = new("--label-smoothing") { Description = "0 to 1." };
    public Option<string> Augment { get; } = new("--augment") { Description = "flip:horizontal,rotation:0.05,zoom:0.1,translation:0.1,contrast:0.2,brightness:0.2", DefaultValueFactory = _ => "none" };
    public Option<string> Validation { get; } = new("--validation") { Description = "A share to hold back (0 for none), or a folder or table of its own.", DefaultValueFactory = _ => "0.2" };
    public Option<string?> Test { get; } = new("--test") { Description = "A folder that the finished model is measured on; the validation images, or those trained on, when left out." };
    public Option<bool> BalanceClasses { get; } = new("--balance-classes") { Description = "Let rare classes count as much as frequent ones." };
    public Option<int?> Patience { get; } = new("--patience") { Description = "Stop after this many epochs without a better one." };

    public Option<BatchNormalizationMode?> BatchNorm { get; } = new("--batch-norm")
    {
        Description = "wheretrained, inference or training: which of the backbone's batch normalisations run as in training; inference when left out, wheretrained from scratch.",
    };

    public Option<double?> BatchNormMomentum { get; } = new("--batch-norm-momentum") { Description = "How slowly moving means follow; each layer's own when left out, 0.9 from scratch." };
    public Option<bool> SkipUnreadable { get; } = new("--skip-unreadable") { Description = "Leave files that are no readable images out, and report them." };
    public Option<bool> Restart { get; } = new("--restart") { Description = "Begin anew where an interrupted run could go on." };
    public Option<string?> Onnx { get; } = new("--onnx")
    {
        Description = "Also write one ONNX file: bytes in, probabilities out, labels inside.",
        Validators = { OutputPath.Check("--onnx", ".onnx") },
    };

    public Option<bool> Json { get; } = new("--json") { Description = "Print the report's figures as JSON." };
    public Option<string> Device { get; } = new("--device") { Description = "cpu, or cuda where the tool is built with it.", DefaultValueFactory = _ => "cpu" };

    public IEnumerable<Option> All =>
    [
        Out, Head, Task, FineTuneFrom, Epochs, HeadEpochs, BatchSize, Optimizer, LearningRate, Schedule, WarmUp, WeightDecay, HeadL2, ClipNorm,
        LabelSmoothing, Augment, Validation, Test, BalanceClasses, Patience, BatchNorm, BatchNormMomentum, SkipUnreadable, Restart, Onnx, Json, Device,
    ];

    /// <summary>The last phase: a head, fine-tuning or from scratch.</summary>
    public FitOptions Last(ParseResult parsed, string phase, int seed, ImageFolder train, ImageFolder? validation, string checkpoint) =>
        Fit(parsed, phase, parsed.GetValue(Epochs), parsed.GetValue(LearningRate) ?? (phase == "fine-tune" ? 1e-4 : 1e-3), seed, train, validation, checkpoint);

    /// <summary>The head before fine-tuning, at Keras' usual rate.</summary>
    public FitOptions First(ParseResult parsed, int seed, ImageFolder train, ImageFolder? validation, string checkpoint) =>
        Fit(parsed, "head", parsed.GetValue(HeadEpochs), 1e-3, seed, train, validation, checkpoint) with { Augmentation = [] };

    private FitOptions Fit(ParseResult parsed, string phase, int epochs, double rate, int seed, ImageFolder train, ImageFolder? validation, string checkpoint)
    {
        var callbacks = new List<Callback>();
        if (parsed.GetValue(Schedule) == "plateau")
            callbacks.Add(new ReduceLearningRateOnPlateau { Patience = 3 });
        if (parsed.GetValue(Patience) is { } patience)
            callbacks.Add(new EarlyStopping { Patience = patience, RestoreBestWeights = true });
        return new()
        {
            Phase = phase,
            Epochs = epochs,
            BatchSize = parsed.GetValue(BatchSize),
            Seed = seed,
            Optimizer = Rule(parsed, rate),
            LabelSmoothing = parsed.GetValue(LabelSmoothing),
            HeadL2 = parsed.GetValue(HeadL2),
            Augmentation = Augmentation.Parse(parsed.GetRequiredValue(Augment)),
            ClassWeights = parsed.GetValue(BalanceClasses) ? train.BalancedClassWeights() : null,
            Callbacks = callbacks,
            // Without validation the best is unknown: the lowest training loss is not it.
            RestoreBestWeights = validation is not null,
            UnreadableImages = parsed.GetValue(SkipUnreadable) ? OnError.Skip : OnError.Stop,
            Checkpoint = checkpoint,
        };
    }

    private Optimizer Rule(ParseResult parsed, double rate)
    {
        var warmUp = parsed.GetValue(WarmUp);
        LearningRateSchedule schedule = parsed.GetValue(Schedule) switch
        {
            "cosine" => new CosineDecay(rate) { WarmUpSteps = warmUp },
            "constant" or "plateau" => warmUp == 0 ? rate : new ConstantRate(rate) { WarmUpSteps = warmUp },
            var other => throw new ArgumentException($"--schedule is constant, cosine or plateau, and not '{other}'."),
        };
        var (decay, clip) = (parsed.GetValue(WeightDecay), parsed.GetValue(ClipNorm));
        return parsed.GetRequiredValue(Optimizer) switch
        {
            "adam" => new Adam(schedule) { WeightDecay = decay, GlobalClipNorm = clip },
            "adamw" when decay == 0 => new AdamW(schedule) { GlobalClipNorm = clip },
            "adamw" => new AdamW(schedule) { WeightDecay = decay, GlobalClipNorm = clip },
            "rmsprop" => new RmsProp(schedule) { WeightDecay = decay, GlobalClipNorm = clip },
            "sgd" => new Sgd(schedule, momentum: 0.9) { WeightDecay = decay, GlobalClipNorm = clip },
            var other => throw new ArgumentException($"--optimizer is adam, adamw, rmsprop or sgd, and not '{other}'."),
        };
    }

    /// <summary>
    /// The images of <c>--test</c>, if any. Their classes are compared with those trained on, so that a wrong folder is found
    /// before the first epoch and not after the last.
    /// </summary>
    public ImageFolder? OpenTest(ParseResult parsed, ImageFolder train)
    {
        if (parsed.GetValue(Test) is not { } folder)
            return null;
        var test = ImageFolder.Open(folder);
        return parsed.GetValue(Task) == ModelTask.Regression ? test : test.WithClasses(train.Classes);
    }

    /// <summary>The images to train on and those to measure on after each epoch, if any.</summary>
    public (ImageFolder Train, ImageFolder? Validation) Split(ParseResult parsed, string folder, int seed)
    {
        var all = ImageFolder.Open(folder);
        var validation = parsed.GetRequiredValue(Validation);
        return double.TryParse(validation, NumberStyles.Float, CultureInfo.InvariantCulture, out var share)
            ? share == 0 ? (all, null) : all.Split(share, seed)
            : (all, ImageFolder.Open(validation));
    }
}
