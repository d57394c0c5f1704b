using Microsoft.ML.OnnxRuntime;

namespace TransferKit;

/// <summary>Represents the options to open a whole Keras model with. Every default is what the file says.</summary>
public sealed record KerasModelOptions
{
    /// <summary>
    /// Gets the height and width of the pictures in pixels. A model that takes any size, <c>(None, None, 3)</c>, needs it; another one
    /// refuses a size that is not its own.
    /// </summary>
    public ImageSize? InputSize { get; init; }

    /// <summary>
    /// Gets the preprocessing of pixels before the first layer. Defaults to <see cref="PreprocessMode.None"/> for a model that prepares
    /// pixels itself, and otherwise to that of the application that the model contains; any other model needs it.
    /// </summary>
    public PreprocessMode? Preprocess { get; init; }

    /// <summary>
    /// Gets the names of the classes in the order of the outputs. Defaults to those of <c>labels.txt</c> in the model's folder, or of
    /// <c>FILE.json</c> beside the model, if one exists. An empty list ignores these files.
    /// </summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>
    /// Gets the file of the classes, instead of <see cref="Labels"/>: one name a line, with or without its number (<c>0 cats</c>), or JSON:
    /// a
    /// list, or Keras' <c>class_indices</c>.
    /// </summary>
    public string? LabelFile { get; init; }

    /// <summary>
    /// Gets what to output instead of all of the model's outputs, by Keras' names: outputs, layers, or nested models, which stand for their
    /// output. Defaults to an empty list.
    /// </summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>Gets the options to decode and resize images with in calls that pass none. Defaults to Keras' <c>load_img</c>.</summary>
    public ImageLoadOptions Images { get; init; } = new();

    /// <summary>Gets the options of the store, whose folder holds compiled models. Defaults to Keras' folder.</summary>
    public WeightStoreOptions? Store { get; init; }

    /// <summary>
    /// Gets whether the compiled model is cached in the store's folder, for a faster next start. Defaults to true. Otherwise it is in the
    /// system's temporary folder until the model is disposed.
    /// </summary>
    public bool CacheCompiledModel { get; init; } = true;

    /// <summary>Gets the precision of the model's arithmetic and weights. Defaults to the 32-bit floats that Keras computes in.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Gets the calibration for <see cref="Precision.Int8"/>, which requires one. Other precisions refuse it.</summary>
    public Calibration? Calibration { get; init; }

    /// <summary>
    /// Gets the device that runs the model. Defaults to the CPU. Other devices need a package of ONNX Runtime that the application
    /// references, and refuse <see cref="Precision.Int8"/>.
    /// </summary>
    public ExecutionDevice Device { get; init; } = ExecutionDevice.Cpu;

    /// <summary>
    /// Gets a delegate that changes ONNX Runtime's session options: threads, optimiser level, another execution provider. It runs once,
    /// after <see cref="Device"/> and before the model is loaded.
    /// </summary>
    public Action<SessionOptions>? ConfigureSession { get; init; }
}
