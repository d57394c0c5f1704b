namespace TransferKit.Training;

/// <summary>How a model is fitted; names and defaults are Keras' where Keras has them.</summary>
public sealed record FitOptions
{
    /// <summary>How often all images are seen.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>How many images a step takes.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The rule that turns gradients into steps.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>What changes training images at random; none unless said otherwise.</summary>
    public IReadOnlyList<Augmentation> Augmentation { get; init; } = [];

    /// <summary>How much each class's images count (Keras: <c>class_weight</c>), such as <see cref="ImageFolder.BalancedClassWeights"/>.</summary>
    public IReadOnlyDictionary<string, double>? ClassWeights { get; init; }

    /// <summary>How far targets are moved towards even chances, from 0 to under 1 (Keras: <c>label_smoothing</c>).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// How much the squares of the head's dense kernels add to the loss, 0 or more (Keras: <c>kernel_regularizer=L2(0.01)</c> in each
    /// <c>Dense</c> of the head). As in Keras, the losses of training and validation contain it. Defaults to 0.
    /// </summary>
    public double HeadL2 { get; init; }

    /// <summary>What is told of each epoch and may stop the fit.</summary>
    public IReadOnlyList<Callback> Callbacks { get; init; } = [];

    /// <summary>What the order of images, augmentation and dropout are drawn from.</summary>
    public int Seed { get; init; }

    /// <summary>What says which epoch is the best; validation loss when left out, or loss where there is no validation.</summary>
    public string? Monitor { get; init; }

    /// <summary>Whether the model ends with its best epoch's weights and not with its last one's.</summary>
    public bool RestoreBestWeights { get; init; }

    /// <summary>
    /// A file that keeps the whole state after each epoch. Where it is there already, the fit goes on from it, and ends as
    /// if it had never stopped.
    /// </summary>
    public string? Checkpoint { get; init; }

    /// <summary>What happens to files that are no readable images.</summary>
    public OnError UnreadableImages { get; init; } = OnError.Stop;

    /// <summary>How much memory decoded images may take, in bytes: beyond it, files are decoded in each epoch.</summary>
    public long ImageCacheBytes { get; init; } = 1L << 30;

    /// <summary>
    /// How much memory the outputs of frozen layers may take, in bytes. They are computed once where images are not
    /// augmented; beyond it, in each epoch.
    /// </summary>
    public long FeatureCacheBytes { get; init; } = 2L << 30;

    /// <summary>What this fit is called in progress and history.</summary>
    public string Phase { get; init; } = "fit";

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentNullException.ThrowIfNull(Optimizer);
        if (!(LabelSmoothing is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(LabelSmoothing), LabelSmoothing, "Label smoothing is from 0 to under 1.");
        if (!double.IsFinite(HeadL2) || HeadL2 < 0)
            throw new ArgumentOutOfRangeException(nameof(HeadL2), HeadL2, "HeadL2 is a number that is not negative.");
        if (ClassWeights?.FirstOrDefault(w => !double.IsFinite(w.Value) || w.Value < 0) is { Key: not null } wrong)
            throw new ArgumentOutOfRangeException(nameof(ClassWeights), wrong.Value, $"The weight of '{wrong.Key}' is not a number of 0 or more.");
    }
}
