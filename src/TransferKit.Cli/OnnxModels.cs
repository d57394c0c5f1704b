namespace TransferKit.Cli;

/// <summary>Opens <c>.onnx</c> files of other libraries for commands with <c>--model</c>.</summary>
internal static class OnnxModels
{
    public static bool Is(string? path) => path?.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) == true;

    /// <param name="path">The file of --model.</param>
    /// <param name="options">The options that Keras' models have too.</param>
    /// <param name="hasImages">Whether the command line says how images are decoded and resized.</param>
    /// <param name="pooling">The value of --pooling; null for none.</param>
    public static IBackbone Open(string path, KerasModelOptions options, bool hasImages, OnnxPooling? pooling = null)
    {
        if (options.LabelFile is not null)
            throw new ArgumentException($"--labels and an .onnx file exclude each other: '{path}' does not say what its outputs are.");
        return Backbone.FromOnnx(path, new()
        {
            InputSize = options.InputSize,
            Outputs = options.Layers,
            Pooling = pooling ?? OnnxPooling.None,
            Images = hasImages ? options.Images : null,
            Device = options.Device,
            Scaling = options.Preprocess switch
            {
                null => null,
                PreprocessMode.None => PixelScaling.None,
                PreprocessMode.Tf => new() { Rescale = 1 / 127.5, Mean = [1, 1, 1] },
                PreprocessMode.Torch => PixelScaling.ImageNet,
                _ => throw new ArgumentException("--preprocess is caffe, which no .onnx file of another library takes."),
            },
        });
    }

    /// <summary>Refuses an <c>.onnx</c> file where a model of Keras or of transferkit train is needed.</summary>
    public static void Refuse(string? path, string need)
    {
        if (Is(path))
            throw new ArgumentException($"'{path}' is an .onnx file, and {need}.");
    }
}
