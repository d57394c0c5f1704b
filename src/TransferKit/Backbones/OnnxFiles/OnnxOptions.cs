using Microsoft.ML.OnnxRuntime;

namespace TransferKit;

/// <summary>
/// Represents the options to run an <c>.onnx</c> file of another library with. Every default is what the file says, or the
/// <c>preprocessor_config.json</c> of Hugging Face beside it.
/// </summary>
public sealed record OnnxOptions
{
    /// <summary>
    /// Gets the height and width of the pictures in pixels. A file that takes any size needs it, unless the preprocessor configuration has
    /// it; a file with a size of its own refuses another.
    /// </summary>
    public ImageSize? InputSize { get; init; }

    /// <summary>
    /// Gets whether the input is <c>(n, height, width, 3)</c> instead of <c>(n, 3, height, width)</c>. Defaults to null: the place of the
    /// dimension 3 tells, and where all are open, the channels come first.
    /// </summary>
    public bool? ChannelsLast { get; init; }

    /// <summary>
    /// Gets the names of the values to output, such as <c>pooler_output</c>. Any value inside the graph can be one. Defaults to an empty
    /// list, which means the file's own outputs.
    /// </summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    /// <summary>Gets the pooling of outputs that are maps or tokens. Defaults to none.</summary>
    public OnnxPooling Pooling { get; init; }

    /// <summary>
    /// Gets the options to decode, resize and crop images with. Defaults to those of the preprocessor configuration, and without one to
    /// Keras' <c>load_img</c>.
    /// </summary>
    public ImageLoadOptions? Images { get; init; }

    /// <summary>
    /// Gets the arithmetic from pixels to the file's input. Defaults to that of the preprocessor configuration. A file without one needs
    /// it, unless its input is bytes.
    /// </summary>
    public PixelScaling? Scaling { get; init; }

    /// <summary>
    /// Gets the path of the preprocessor configuration. Defaults to <c>preprocessor_config.json</c> in the file's folder, if it exists.
    /// </summary>
    public string? PreprocessorConfig { get; init; }

    /// <summary>Gets the options of the store, whose folder holds compiled models. Defaults to Keras' folder.</summary>
    public WeightStoreOptions? Store { get; init; }

    /// <summary>
    /// Gets whether the compiled model is cached in the store's folder, for a faster next start. Defaults to true. Otherwise it is in the
    /// system's temporary folder until the backbone is disposed.
    /// </summary>
    public bool CacheCompiledModel { get; init; } = true;

    /// <summary>
    /// Gets the device that runs the model. Defaults to the CPU. Other devices need a package of ONNX Runtime that the application
    /// references.
    /// </summary>
    public ExecutionDevice Device { get; init; } = ExecutionDevice.Cpu;

    /// <summary>
    /// Gets a delegate that changes ONNX Runtime's session options: threads, libraries of custom operators, another execution provider. It
    /// runs once, after <see cref="Device"/> and before the model is loaded.
    /// </summary>
    public Action<SessionOptions>? ConfigureSession { get; init; }

    /// <exception cref="ArgumentException">The options do not fit each other.</exception>
    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Outputs);
        string[] problems =
        [
            .. Images?.Problems() ?? [], .. Scaling?.Problems() ?? [],
            .. Enum.IsDefined(Pooling) ? Array.Empty<string>() : [$"Pooling is {Pooling}; it must be None, Avg, Max or Cls."],
            .. Enum.IsDefined(Device) ? Array.Empty<string>() : [$"Device is {Device}; it must be Cpu, Cuda, DirectML or CoreML."],
            .. Outputs.CountBy(o => o).Where(o => o.Value > 1).Select(o => $"Outputs names {o.Key} more than once; name it once."),
            .. InputSize is { } size && (size.Height < 1 || size.Width < 1) ? [$"InputSize is {size}."] : Array.Empty<string>(),
        ];
        if (problems.Length > 0)
            throw new ArgumentException(string.Join(' ', problems));
    }
}
