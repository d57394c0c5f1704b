namespace TransferKit;

/// <summary>Represents the error of a file in an earlier extraction, as a feature set recorded it.</summary>
public sealed class RecordedErrorException : TransferKitException
{
    /// <summary>Initializes a recorded error.</summary>
    /// <param name="reason">The reason that was recorded.</param>
    /// <param name="message">The message that was recorded.</param>
    public RecordedErrorException(SkipReason reason, string message) : base(message) => Reason = reason;

    /// <summary>Gets the recorded reason.</summary>
    public SkipReason Reason { get; }
}
