namespace TransferKit;

/// <summary>
/// Thrown when a file does not describe a model that TransferKit can run: its configuration is missing or corrupt, a layer is of an
/// unsupported class, or a setting is unsupported. The message names the file and the layer, and says what to do.
/// </summary>
public sealed class KerasModelException : TransferKitException
{
    internal KerasModelException(string file, string? layer, string problem, Exception? innerException = null)
        : base($"'{file}' cannot be run as a Keras model: {(layer is null ? "" : $"layer '{layer}' ")}{problem}", innerException) =>
        (File, Layer) = (file, layer);

    /// <summary>Gets the path of the file.</summary>
    public string File { get; }

    /// <summary>Gets Keras' name of the layer that is the cause; null if the file as a whole is.</summary>
    public string? Layer { get; }
}
