namespace TransferKit;

/// <summary>What to do with a file that is not a readable image.</summary>
public enum OnError
{
    /// <summary>Report it and go on.</summary>
    Skip,

    /// <summary>Stop with its error.</summary>
    Stop,
}

/// <summary>How a folder is turned into features.</summary>
public sealed class FeatureExtractorOptions
{
    /// <summary>Whether the folders below count too.</summary>
    public bool Recursive { get; init; }

    /// <summary>What to do with a file that is not a readable image; report it and go on unless said otherwise.</summary>
    public OnError OnError { get; init; } = OnError.Skip;

    /// <summary>How many images run at once, 1 or more.</summary>
    /// <exception cref="ArgumentException">Less than 1.</exception>
    public int BatchSize
    {
        get;
        init
        {
            field = value > 0 ? value : throw new ArgumentException($"{nameof(BatchSize)} is {value}; it must be at least 1.", nameof(value));
        }
    } = 8;

    /// <summary>How files are decoded and resized; Keras' defaults unless said otherwise.</summary>
    public ImageLoadOptions Images { get; init; } = new();
}
