using TransferKit.Common;

namespace TransferKit;

/// <summary>
/// The base of what TransferKit throws when the world is not as it should be: a weight file, an image, a cache, a
/// download. Misuse of the API gets the BCL's own exceptions.
/// </summary>
public abstract class TransferKitException : Exception
{
    /// <summary>An exception that says what was wrong, where, and what to do.</summary>
    /// <param name="message">What was wrong, where, and what to do. Control characters in it, which a file name may have, are escaped.</param>
    /// <param name="innerException">What caused it, if anything did.</param>
    protected TransferKitException(string message, Exception? innerException = null) : base(Printable.Of(message), innerException) { }
}
