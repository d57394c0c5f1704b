namespace TransferKit;

/// <summary>Specifies why a file has no features.</summary>
public enum SkipReason
{
    /// <summary>The file has features.</summary>
    None,

    /// <summary>The file has no bytes.</summary>
    Empty,

    /// <summary>The content is of no format that the decoder knows.</summary>
    NotAnImage,

    /// <summary>The content ends too early.</summary>
    Truncated,

    /// <summary>The picture exceeds a limit of <see cref="ImageDecodeOptions"/>.</summary>
    TooLarge,

    /// <summary>The format is known, but not this variant of it.</summary>
    Unsupported,

    /// <summary>The content contradicts itself.</summary>
    Corrupt,

    /// <summary>Decoding took longer than <see cref="ImageDecodeOptions.Timeout"/>.</summary>
    TimedOut,

    /// <summary>The file is absent, or the system refuses to read it.</summary>
    Unreadable,

    /// <summary>Another process changed the file while it was read.</summary>
    Changed,

    /// <summary>The engine failed on the picture.</summary>
    Engine,
}

/// <summary>Extends <see cref="SkipReason"/>.</summary>
public static class SkipReasons
{
    /// <summary>Gets whether the same file may give features at another time, such as one on a disk that could not be read.</summary>
    /// <param name="reason">The reason.</param>
    public static bool MayPass(this SkipReason reason) =>
        reason is SkipReason.Unreadable or SkipReason.Changed or SkipReason.Engine or SkipReason.TimedOut;

    internal static SkipReason Of(Exception? error) => error switch
    {
        null => SkipReason.None,
        RecordedErrorException e => e.Reason,
        EngineException => SkipReason.Engine,
        ImageDecodeException e => e.Reason switch
        {
            ImageDecodeError.Empty => SkipReason.Empty,
            ImageDecodeError.NotAnImage => SkipReason.NotAnImage,
            ImageDecodeError.Truncated => SkipReason.Truncated,
            ImageDecodeError.TooLarge => SkipReason.TooLarge,
            ImageDecodeError.Unsupported => SkipReason.Unsupported,
            ImageDecodeError.TimedOut => SkipReason.TimedOut,
            ImageDecodeError.Changed => SkipReason.Changed,
            _ => SkipReason.Corrupt,
        },
        _ => SkipReason.Unreadable,
    };
}
