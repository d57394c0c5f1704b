using TransferKit.Common;

namespace TransferKit;

/// <summary>
/// Represents the base class of failures that callers cannot prevent, such as a damaged file or a failed download. Misuse of the API throws
/// exceptions of the BCL.
/// </summary>
public abstract class TransferKitException : Exception
{
    /// <summary>Initializes a new instance.</summary>
    /// <param name="message">
    /// Message that says what is wrong, where, and what to do. Its control characters are escaped, because a file name may contain some.
    /// </param>
    /// <param name="innerException">Exception that caused this one, if any.</param>
    protected TransferKitException(string message, Exception? innerException = null) : base(Printable.Of(message), innerException) { }

    /// <summary>Returns the exception with its causes and stack traces. Control characters of every message are escaped.</summary>
    public override string ToString() => Printable.Of(this);
}
