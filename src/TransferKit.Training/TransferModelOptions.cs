namespace TransferKit.Training;

/// <summary>
/// Specifies which batch normalisations of a backbone run in training mode, which uses batch statistics and updates moving
/// means.
/// </summary>
public enum BatchNormalizationMode
{
    /// <summary>Trainable ones run in training mode, frozen ones in inference mode, as in Keras since version 2.</summary>
    WhereTrained,

    /// <summary>All run in inference mode (Keras: <c>base_model(x, training=False)</c>). The head is not affected.</summary>
    Inference,

    /// <summary>All run in training mode, frozen or not.</summary>
    Training,
}

/// <summary>Represents the options of a new model, before it is trained.</summary>
public sealed record TransferModelOptions
{
    /// <summary>
    /// Gets the backbone's options: weights, input size, alpha. The top is always off. Maps are pooled unless the head flattens
    /// them, by their average unless the options say otherwise. Options that training cannot follow, such as
    /// <see cref="BackboneOptions.Layers"/> or a <see cref="BackboneOptions.Precision"/>, are refused.
    /// </summary>
    public BackboneOptions Backbone { get; init; } = new();

    /// <summary>Gets the head. Defaults to <see cref="Head.Linear"/>.</summary>
    public Head Head { get; init; } = Head.Linear;

    /// <summary>Gets the task. Defaults to <see cref="ModelTask.MultiClass"/>.</summary>
    public ModelTask Task { get; init; } = ModelTask.MultiClass;

    /// <summary>
    /// Gets the options to read image files with. They are saved with the model, so that it is used as it was trained. Defaults to
    /// null: <see cref="BackboneOptions.Images"/> of <see cref="Backbone"/>. A decoder of your own is not saved; pass it again
    /// where the model is used.
    /// </summary>
    public ImageLoadOptions? Images { get; init; }

    /// <summary>Gets the seed of the head's initial weights. Defaults to 0.</summary>
    public int Seed { get; init; }

    /// <summary>Gets the device of training, such as <c>cuda</c> with a CUDA package of TorchSharp. Defaults to <c>cpu</c>.</summary>
    public string Device { get; init; } = "cpu";
}
