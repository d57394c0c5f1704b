namespace TransferKit;

/// <summary>What to do with a file that is not a readable image, or a folder below that cannot be listed.</summary>
public enum OnError
{
    /// <summary>Report it and go on.</summary>
    Skip,

    /// <summary>Stop with its error.</summary>
    Stop,
}

/// <summary>How a folder is turned into features.</summary>
public sealed record FeatureExtractorOptions
{
    /// <summary>Whether the folders below count too; links to folders are not followed.</summary>
    public bool Recursive { get; init; }

    /// <summary>What to do with a file that is not a readable image; report it and go on unless said otherwise.</summary>
    public OnError OnError { get; init; } = OnError.Skip;

    /// <summary>
    /// How many files are decoded and run at once, 1 or more; null, as by default, tries a few sizes on the first files and goes on
    /// with the fastest. Features are the same at any size but for the last digits of floating-point numbers.
    /// </summary>
    /// <exception cref="ArgumentException">Less than 1.</exception>
    public int? BatchSize
    {
        get;
        init
        {
            field = value is null or > 0 ? value : throw new ArgumentException($"{nameof(BatchSize)} is {value}; it must be at least 1.", nameof(value));
        }
    }

    /// <summary>How files are decoded and resized. Null, the default, means the backbone's own <see cref="IBackbone.Images"/>.</summary>
    public ImageLoadOptions? Images { get; init; }
}
