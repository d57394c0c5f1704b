namespace TransferKit.Training;

/// <summary>Which of a backbone's batch normalisations run as in training: by the batch's statistics, moving their means.</summary>
public enum BatchNormalizationMode
{
    /// <summary>Those of layers that learn; frozen ones run as in inference, as Keras' do since version 2.</summary>
    WhereTrained,

    /// <summary>None of the backbone's (Keras: <c>base_model(x, training=False)</c>); those of the head do.</summary>
    Inference,

    /// <summary>All, frozen or not.</summary>
    Training,
}

/// <summary>What a model is made of before it is trained.</summary>
public sealed record TransferModelOptions
{
    /// <summary>
    /// The backbone's options: weights, input size, alpha. The top is always off, and maps are pooled (by their average
    /// where nothing else is said) unless the head flattens them. Options that training cannot follow, such as
    /// <see cref="BackboneOptions.Layers"/> or a <see cref="BackboneOptions.Precision"/>, are refused.
    /// </summary>
    public BackboneOptions Backbone { get; init; } = new();

    /// <summary>What follows the backbone.</summary>
    public Head Head { get; init; } = Head.Linear;

    /// <summary>What the outputs mean.</summary>
    public ModelTask Task { get; init; } = ModelTask.MultiClass;

    /// <summary>
    /// How image files are read; written into the model, so that it is used as it was trained. Null, the default, means as
    /// <see cref="BackboneOptions.Images"/> of <see cref="Backbone"/> says. A decoder of your own is not written: give it again
    /// where the model is used.
    /// </summary>
    public ImageLoadOptions? Images { get; init; }

    /// <summary>What the head's first weights are drawn from.</summary>
    public int Seed { get; init; }

    /// <summary>Where it is trained: <c>cpu</c>, or <c>cuda</c> with a CUDA package of TorchSharp.</summary>
    public string Device { get; init; } = "cpu";
}
