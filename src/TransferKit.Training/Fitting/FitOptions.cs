namespace TransferKit.Training;

/// <summary>Represents options of a fit. Names and defaults follow Keras.</summary>
public sealed record FitOptions
{
    /// <summary>Gets the number of passes over the images. Defaults to 10.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Gets the number of images per step. Defaults to 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Gets the optimizer. Defaults to <see cref="Adam"/>.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>Gets the random changes to training images. Defaults to none.</summary>
    public IReadOnlyList<Augmentation> Augmentation { get; init; } = [];

    /// <summary>
    /// Gets the weight of each class in the loss (Keras: <c>class_weight</c>), such as
    /// <see cref="ImageFolder.BalancedClassWeights"/>. Defaults to 1 for each class.
    /// </summary>
    public IReadOnlyDictionary<string, double>? ClassWeights { get; init; }

    /// <summary>Gets the fraction of label smoothing, from 0 to under 1 (Keras: <c>label_smoothing</c>). Defaults to 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// Gets the factor of the squares of the head's dense kernels in the loss, 0 or more (Keras: <c>kernel_regularizer=L2(0.01)</c> in each
    /// <c>Dense</c> of the head). As in Keras, the losses of training and validation contain it. Defaults to 0.
    /// </summary>
    public double HeadL2 { get; init; }

    /// <summary>Gets the callbacks, which observe each epoch and may stop the fit. Defaults to none.</summary>
    public IReadOnlyList<Callback> Callbacks { get; init; } = [];

    /// <summary>Gets the seed of the order of images, augmentation and dropout. Defaults to 0.</summary>
    public int Seed { get; init; }

    /// <summary>Gets the value that ranks epochs. Defaults to <c>val_loss</c>, or <c>loss</c> without validation images.</summary>
    public string? Monitor { get; init; }

    /// <summary>Gets whether the model ends with the weights of the best epoch instead of the last. Defaults to false.</summary>
    public bool RestoreBestWeights { get; init; }

    /// <summary>
    /// Gets the path of a checkpoint file, written after each epoch. If the file exists, the fit resumes from it with the
    /// same result as an uninterrupted fit. Defaults to null: no checkpoint.
    /// </summary>
    public string? Checkpoint { get; init; }

    /// <summary>Gets the reaction to files that are not readable images. Defaults to <see cref="OnError.Stop"/>.</summary>
    public OnError UnreadableImages { get; init; } = OnError.Stop;

    /// <summary>
    /// Gets the size limit of the cache of decoded images in bytes. Each epoch decodes other images again. Defaults to 1 GiB.
    /// </summary>
    public long ImageCacheBytes { get; init; } = 1L << 30;

    /// <summary>
    /// Gets the size limit of the cache of frozen layers' outputs in bytes. Without augmentation they are computed once if
    /// they fit, and in each epoch otherwise. Defaults to 2 GiB.
    /// </summary>
    public long FeatureCacheBytes { get; init; } = 2L << 30;

    /// <summary>Gets the name of this fit in progress and history. Defaults to <c>fit</c>.</summary>
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
        {
            throw new ArgumentOutOfRangeException(
                nameof(ClassWeights), wrong.Value, $"The weight of '{wrong.Key}' must be a finite number of 0 or more.");
        }
    }
}
