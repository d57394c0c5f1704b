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
    public int BatchSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    } = 8;

    /// <summary>How files are decoded and resized; Keras' defaults unless said otherwise.</summary>
    public ImageLoadOptions Images { get; init; } = new();
}
