namespace TransferKit.Onnx.Plan;

/// <summary>The form of a model's input: preprocessed numbers, or pixels that the model preprocesses.</summary>
internal abstract record InputForm
{
    private InputForm() { }

    /// <summary>Preprocessed floats of shape n, channels, h, w, as the engine feeds them.</summary>
    public static InputForm Planar { get; } = new PlanarForm();

    /// <summary>RGB pixels of 0..255 of shape n, h, w, 3, as bytes or floats. The model contains the preprocessing.</summary>
    public static InputForm Pixels(PixelType type, PreprocessMode preprocess) => new PixelForm(type, preprocess);

    public sealed record PlanarForm : InputForm;

    public sealed record PixelForm(PixelType Type, PreprocessMode Preprocess) : InputForm;
}

/// <summary>The type of a model's input pixels of 0..255.</summary>
internal enum PixelType { Byte, Float }
