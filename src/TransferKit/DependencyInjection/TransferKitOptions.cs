namespace TransferKit;

/// <summary>What all backbones of a container share.</summary>
public sealed class TransferKitOptions
{
    /// <summary>Where weights come from and are kept; Keras' folder and addresses unless said otherwise.</summary>
    public WeightStoreOptions Store { get; set; } = new();

    /// <summary>The options of a backbone that is added without its own.</summary>
    public BackboneOptions Defaults { get; set; } = new();
}
