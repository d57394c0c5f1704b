using System.CommandLine;
using System.Globalization;
using TransferKit.Training;

namespace TransferKit.Cli;

/// <summary>Defines the command-line options of <c>transferkit train</c>, and creates fits from them.</summary>
internal sealed class TrainOptions
{
    public Option<string> Out { get; } = new("--out", "-o")
    {
        Description = "The Keras .h5 file to write, with labels and preprocessing in a .json file beside it.",
        Required = true,
        Validators = { OutputPath.Check("--out", ".h5") },
    };

    public Option<string> Head { get; } = new("--head")
    {
        Description = "The head: linear, or a list of layers such as dense:256,dropout:0.2, also of flatten and batch_normalization.",
        DefaultValueFactory = _ => "linear",
    };

    public Option<ModelTask> Task { get; } = new("--task")
    {
        Description = "The kind of model: multiclass, binary, multilabel or regression. Defaults to multiclass.",
    };

    public Option<string?> FineTuneFrom { get; } = new("--fine-tune-from")
    {
        Description = "The first backbone layer to train after the head, or all. Defaults to training the head only.",
    };

    public Option<int> Epochs { get; } = new("--epochs")
    {
        Description = "The number of epochs of the last phase.",
        DefaultValueFactory = _ => 10,
    };

    public Option<int> HeadEpochs { get; } = new("--head-epochs")
    {
        Description = "The number of epochs of the head before fine-tuning.",
        DefaultValueFactory = _ => 10,
    };

    public Option<int> BatchSize { get; } = new("--batch-size")
    {
        Description = "The number of images in a step.",
        DefaultValueFactory = _ => 32,
    };

    public Option<string> Optimizer { get; } = new("--optimizer")
    {
        Description = "adam, adamw, rmsprop or sgd (momentum 0.9).",
        DefaultValueFactory = _ => "adam",
    };

    public Option<double?> LearningRate { get; } = new("--learning-rate")
    {
        Description = "The learning rate of the last phase. Defaults to 0.0001 for fine-tuning, otherwise 0.001.",
    };

    public Option<string> Schedule { get; } = new("--schedule")
    {
        Description = "The learning rate schedule: constant, cosine, or plateau (a tenth after 3 epochs without improvement).",
        DefaultValueFactory = _ => "constant",
    };

    public Option<long> WarmUp { get; } = new("--warm-up") { Description = "The number of steps over which the learning rate rises." };

    public Option<double> WeightDecay { get; } = new("--weight-decay")
    {
        Description = "The weight decay of each step, relative to the learning rate.",
    };

    public Option<double> HeadL2 { get; } = new("--head-l2")
    {
        Description = "The L2 penalty of the head's dense kernels (Keras: kernel_regularizer).",
    };

    public Option<double?> ClipNorm { get; } = new("--clip-norm") { Description = "The maximum norm of all gradients together." };
    public Option<double> LabelSmoothing { get; } = new("--label-smoothing") { Description = "The label smoothing, from 0 to 1." };

    public Option<string> Augment { get; } = new("--augment")
    {
        Description = "none, or a list such as flip:horizontal,rotation:0.05; it may also have zoom:0.1, translation:0.1, contrast:0.2 and "
            + "brightness:0.2.",
        DefaultValueFactory = _ => "none",
    };

    public Option<string> Validation { get; } = new("--validation")
    {
        Description = "The fraction of images to validate on (0 for none), or a folder or table of other images.",
        DefaultValueFactory = _ => "0.2",
    };

    public Option<string?> Test { get; } = new("--test")
    {
        Description = "Other images to measure the final model on. Defaults to the validation images, or else the training images.",
    };

    public Option<bool> BalanceClasses { get; } = new("--balance-classes")
    {
        Description = "Weight classes by the inverse of their frequency.",
    };

    public Option<int?> Patience { get; } = new("--patience") { Description = "Stop after this number of epochs without improvement." };

    public Option<BatchNormalizationMode?> BatchNorm { get; } = new("--batch-norm")
    {
        Description = "The mode of the backbone's batch normalisations: wheretrained, inference or training. "
            + "Defaults to inference, and to wheretrained from scratch.",
    };

    public Option<double?> BatchNormMomentum { get; } = new("--batch-norm-momentum")
    {
        Description = "The momentum of moving means. Defaults to each layer's own, and to 0.9 from scratch.",
    };

    public Option<bool> SkipUnreadable { get; } = new("--skip-unreadable") { Description = "Skip unreadable files and report them." };

    public Option<bool> Restart { get; } = new("--restart")
    {
        Description = "Start from the beginning instead of resuming an interrupted run.",
    };

    public Option<string?> Onnx { get; } = new("--onnx")
    {
        Description = "An ONNX file to write too, with preprocessing and labels: bytes in, probabilities out.",
        Validators = { OutputPath.Check("--onnx", ".onnx") },
    };

    public Option<bool> Json { get; } = JsonOption.Create("with the figures of the report");

    public Option<string> Device { get; } = new("--device")
    {
        Description = "cpu, or cuda with a CUDA package of TorchSharp.",
        DefaultValueFactory = _ => "cpu",
    };

    public IEnumerable<Option> All =>
    [
        Out, Head, Task, FineTuneFrom, Epochs, HeadEpochs, BatchSize, Optimizer, LearningRate, Schedule, WarmUp, WeightDecay, HeadL2,
        ClipNorm, LabelSmoothing, Augment, Validation, Test, BalanceClasses, Patience, BatchNorm, BatchNormMomentum, SkipUnreadable,
        Restart, Onnx, Json, Device,
    ];

    /// <summary>Creates the fit of the last phase: the head, fine-tuning or training from scratch.</summary>
    public FitOptions Last(ParseResult parsed, string phase, int seed, ImageFolder train, ImageFolder? validation, string checkpoint)
    {
        var rate = parsed.GetValue(LearningRate) ?? (phase == "fine-tune" ? 1e-4 : 1e-3);
        return Fit(parsed, phase, parsed.GetValue(Epochs), rate, seed, train, validation, checkpoint);
    }

    /// <summary>Creates the fit of the head before fine-tuning, at Keras' usual learning rate.</summary>
    public FitOptions First(ParseResult parsed, int seed, ImageFolder train, ImageFolder? validation, string checkpoint) =>
        Fit(parsed, "head", parsed.GetValue(HeadEpochs), 1e-3, seed, train, validation, checkpoint) with { Augmentation = [] };

    private FitOptions Fit(
        ParseResult parsed, string phase, int epochs, double rate, int seed, ImageFolder train, ImageFolder? validation,
        string checkpoint)
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
            // Without validation the best weights are unknown: a low training loss can be overfitting.
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
            var other => throw new ArgumentException($"--schedule is '{other}'; it must be constant, cosine or plateau."),
        };
        var (decay, clip) = (parsed.GetValue(WeightDecay), parsed.GetValue(ClipNorm));
        return parsed.GetRequiredValue(Optimizer) switch
        {
            "adam" => new Adam(schedule) { WeightDecay = decay, GlobalClipNorm = clip },
            "adamw" when decay == 0 => new AdamW(schedule) { GlobalClipNorm = clip },
            "adamw" => new AdamW(schedule) { WeightDecay = decay, GlobalClipNorm = clip },
            "rmsprop" => new RmsProp(schedule) { WeightDecay = decay, GlobalClipNorm = clip },
            "sgd" => new Sgd(schedule, momentum: 0.9) { WeightDecay = decay, GlobalClipNorm = clip },
            var other => throw new ArgumentException($"--optimizer is '{other}'; it must be adam, adamw, rmsprop or sgd."),
        };
    }

    /// <summary>
    /// Opens the images of <c>--test</c>, if any, and compares their classes with those of the training. A wrong folder is then an error
    /// before the first epoch and not after the last.
    /// </summary>
    public ImageFolder? OpenTest(ParseResult parsed, ImageFolder train)
    {
        if (parsed.GetValue(Test) is not { } folder)
            return null;
        var test = ImageFolder.Open(folder);
        return parsed.GetValue(Task) == ModelTask.Regression ? test : test.WithClasses(train.Classes);
    }

    /// <summary>Opens the images to train on, and those to validate on after each epoch, if any.</summary>
    public (ImageFolder Train, ImageFolder? Validation) Split(ParseResult parsed, string folder, int seed)
    {
        var all = ImageFolder.Open(folder);
        var validation = parsed.GetRequiredValue(Validation);
        return double.TryParse(validation, NumberStyles.Float, CultureInfo.InvariantCulture, out var share)
            ? share == 0 ? (all, null) : all.Split(share, seed)
            : (all, ImageFolder.Open(validation));
    }
}
