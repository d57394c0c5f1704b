using System.Collections.Immutable;

namespace TransferKit.WeightSources.Files;

/// <summary>Specifies what a file says about the order of a model's layers.</summary>
internal enum StoredOrder
{
    /// <summary>The file lists the layers in the model's order.</summary>
    Listed,

    /// <summary>The file numbers the layers of each class (Keras 3 without a configuration).</summary>
    ByClass,

    /// <summary>The file lists variables of layers that all train, or all are frozen, so the first of each tell the order.</summary>
    ByVariable,

    /// <summary>The file lists the variables of trainable layers before those of frozen ones, so only names tell the order.</summary>
    Unknown,
}

/// <summary>
/// Represents a model of a weight file: the file's own, or one nested in it. A nested model is one layer of its outer model.
/// </summary>
/// <param name="Path">The place of the model in the file; empty for the file's own model.</param>
/// <param name="Name">Keras' name of the model; null if the file does not store it.</param>
/// <param name="Order">What is known of the order of <paramref name="Layers"/>.</param>
/// <param name="Layers">The model's layers with their weights.</param>
internal sealed record StoredModel(string Path, string? Name, StoredOrder Order, ImmutableArray<StoredLayer> Layers)
{
    /// <summary>Gets the model's part of the configuration; null if the file has none.</summary>
    public ModelOutline? Outline { get; init; }

    /// <summary>Gets the place and the name for messages.</summary>
    public string Place => Path.Length == 0 ? "the file's own model"
        : Name is null || Path.EndsWith(Name, StringComparison.Ordinal) ? $"'{Path}'"
        : $"'{Path}' ({Name})";
}
