using System.CommandLine;

namespace TransferKit.Cli;

/// <summary>
/// Defines <c>--model</c> and the options beside it, and opens its file: a model of <c>transferkit train</c>, or a whole Keras model.
/// </summary>
internal sealed class WholeModelOptions
{
    /// <param name="instead">The option or argument that --model replaces.</param>
    public WholeModelOptions(string instead) => Model = new("--model", "-m")
    {
        Description =
            $"A model instead of {instead}: of transferkit train, a whole Keras model (model.keras, model.h5, keras_model.h5), "
            + "or an .onnx file.",
    };

    public Option<string?> Model { get; }

    public Option<PreprocessMode?> Preprocess { get; } = new("--preprocess")
    {
        Description = "For a Keras model that does not say how pixels were prepared: none (0 to 255), tf (-1 to 1), caffe or torch.",
    };

    public Option<string?> Labels { get; } = new("--labels")
    {
        Description = "For a Keras model: the file of its classes, one a line, or JSON. Defaults to labels.txt beside the model.",
    };

    public Option<string?> Layer { get; } = new("--layer")
    {
        Description = "For a model with several outputs: the name of the one to use. A layer's name works too.",
    };

    /// <summary>Reads the options of a whole Keras model.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="options">The options that networks by name have too: images, input size, layers and device. Defaults to none.</param>
    public KerasModelOptions Read(ParseResult parsed, BackboneOptions? options = null) => new()
    {
        InputSize = options?.InputSize,
        Preprocess = parsed.GetValue(Preprocess),
        LabelFile = parsed.GetValue(Labels),
        Layers = parsed.GetValue(Layer) is { } layer ? [layer] : options?.Layers ?? [],
        Device = options?.Device ?? ExecutionDevice.Cpu,
        Images = options?.Images ?? new(),
    };

    /// <summary>Gets the file of --model; null where a network is chosen by its name.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="name">The name of a network, which --model replaces.</param>
    /// <param name="named">The options of networks by name, which --model excludes.</param>
    public string? ReadPath(ParseResult parsed, Argument<string?> name, params ReadOnlySpan<Option> named)
    {
        var path = parsed.GetValue(Model);
        if (path is null == parsed.GetValue(name) is null)
        {
            throw new ArgumentException(
                path is null ? "Give the NAME of a network, or --model FILE." : "Give the NAME of a network or --model FILE, not both.");
        }

        foreach (var option in named)
        {
            if (path is not null && parsed.GetResult(option) is { Implicit: false })
                throw new ArgumentException($"{option.Name} and --model exclude each other: '{path}' has its own network and weights.");
        }
        return path;
    }

    /// <summary>Opens a file and says on stderr what its preprocessing was inferred from.</summary>
    public static IBackbone Open(string path, KerasModelOptions options)
    {
        if (TrainedModel.IsSavedAt(path))
        {
            return options is { Preprocess: null, LabelFile: null, InputSize: null, Layers: [], Device: ExecutionDevice.Cpu }
                ? TrainedModel.Load(path)
                : throw new ArgumentException(
                    $"'{path}' was written by transferkit train and has its own preparation of images and classes: leave out "
                    + "--preprocess, --labels, --input-size, --layer and --device.");
        }
        var model = KerasModel.Open(path, options);
        if (model.PreprocessSource == PreprocessSource.Backbone)
        {
            Terminal.Error($"{path} contains {model.Backbone}, so pixels are prepared as for it: "
                + $"{model.Preprocess.ToString().ToLowerInvariant()} (--preprocess chooses another).");
        }
        return model;
    }
}
