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

/// <summary>Tells the reasons of errors, and whether a retry can help.</summary>
internal static class SkipReasons
{
    public static SkipReason Of(Exception? error) => error switch
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

    /// <summary>Returns whether the same file may give features at another time.</summary>
    public static bool MayPass(SkipReason reason) =>
        reason is SkipReason.Unreadable or SkipReason.Changed or SkipReason.Engine or SkipReason.TimedOut;
}
