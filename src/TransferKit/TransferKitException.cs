namespace TransferKit;

/// <summary>The base of every error that TransferKit itself reports.</summary>
/// <remarks>
/// Leaves are named by cause and carry what happened as typed properties. Misuse of a method is reported with the BCL's
/// own exceptions (<see cref="ArgumentException"/> and its kin), not with this one.
/// </remarks>
public abstract class TransferKitException : Exception
{
    /// <summary>Makes an error from what a person should read, and what caused it.</summary>
    /// <param name="message">What was wrong, with which thing, and what to do.</param>
    /// <param name="inner">The error underneath, if there was one.</param>
    protected TransferKitException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
