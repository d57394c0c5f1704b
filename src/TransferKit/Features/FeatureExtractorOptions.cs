namespace TransferKit;

/// <summary>Specifies the reaction to a file that is not a readable image, or to a subfolder that cannot be listed.</summary>
public enum OnError
{
    /// <summary>Report the file and continue.</summary>
    Skip,

    /// <summary>Stop and throw the file's error.</summary>
    Stop,
}

/// <summary>Represents the options of a <see cref="FeatureExtractor"/>.</summary>
public sealed record FeatureExtractorOptions
{
    /// <summary>Gets whether subfolders are read too. Defaults to false. Links to folders are not followed.</summary>
    public bool Recursive { get; init; }

    /// <summary>Gets the reaction to a file that is not a readable image. Defaults to <see cref="OnError.Skip"/>.</summary>
    public OnError OnError { get; init; } = OnError.Skip;

    /// <summary>
    /// Gets the number of files in a batch, at least 1. Defaults to null, which tries a few sizes on the first files and continues with
    /// the fastest. Features of different batch sizes differ only by floating-point rounding.
    /// </summary>
    /// <exception cref="ArgumentException">The value is less than 1.</exception>
    public int? BatchSize
    {
        get;
        init
        {
            field = value is null or > 0
                ? value
                : throw new ArgumentException($"{nameof(BatchSize)} is {value}; it must be at least 1.", nameof(value));
        }
    }

    /// <summary>
    /// Gets whether each row carries the details of its file: length, time, size of the picture and SHA-256. They are learned while the
    /// file is read for its features. Defaults to false.
    /// </summary>
    public bool FileDetails { get; init; }

    /// <summary>
    /// Gets whether a file's features have the same bits whichever files run beside it. The engine then always runs pairs of images: a few
    /// networks compute single images with other roundings.
    /// </summary>
    internal bool Reproducible { get; init; }

    /// <summary>Gets the options to decode and resize files with. Defaults to <see cref="IBackbone.Images"/> of the backbone.</summary>
    public ImageLoadOptions? Images { get; init; }
}
