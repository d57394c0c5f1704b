namespace TransferKit;

/// <summary>Thrown when the inference engine, ONNX Runtime, cannot load or run a model.</summary>
public sealed class EngineException : TransferKitException
{
    /// <summary>Initializes a new instance with the failed operation and the engine's message.</summary>
    /// <param name="message">Message that names the failed operation and repeats the engine's message.</param>
    /// <param name="innerException">The engine's own exception, if any.</param>
    public EngineException(string message, Exception? innerException = null) : base(message, innerException) { }
}
