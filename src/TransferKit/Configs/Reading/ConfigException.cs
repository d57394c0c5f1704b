namespace TransferKit.Configs.Reading;

/// <summary>
/// Says what is wrong with a configuration, as the end of a sentence that begins with the layer. The reader of the file adds the file
/// and the layer, and throws a <see cref="KerasModelException"/>.
/// </summary>
internal sealed class ConfigException(string problem, Exception? innerException = null) : Exception(problem, innerException);
