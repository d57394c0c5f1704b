namespace TransferKit;

/// <summary>The inference engine, ONNX Runtime, could not load or run a model.</summary>
public sealed class EngineException : TransferKitException
{
    /// <summary>An exception that says what was being done when the engine failed.</summary>
    /// <param name="message">What was being done, and what the engine said.</param>
    /// <param name="innerException">The engine's own exception.</param>
    public EngineException(string message, Exception? innerException = null) : base(message, innerException) { }
}
