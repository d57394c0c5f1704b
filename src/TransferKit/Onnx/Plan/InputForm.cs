namespace TransferKit.Onnx.Plan;

/// <summary>What a model takes: numbers that are ready for the first layer, or pixels that it prepares itself.</summary>
internal abstract record InputForm
{
    private InputForm() { }

    /// <summary>Float n, channels, h, w, already preprocessed: what the engine feeds.</summary>
    public static InputForm Planar { get; } = new PlanarForm();

    /// <summary>n, h, w, RGB of 0..255, as bytes or floats; preprocessing is part of the model.</summary>
    public static InputForm Pixels(PixelType type, PreprocessMode preprocess) => new PixelForm(type, preprocess);

    public sealed record PlanarForm : InputForm;

    public sealed record PixelForm(PixelType Type, PreprocessMode Preprocess) : InputForm;
}

/// <summary>How a model takes pixels of 0..255.</summary>
internal enum PixelType { Byte, Float }
