using TransferKit.Graph;

namespace TransferKit.Backbones;

/// <summary>Represents what a loaded backbone tells of itself, wherever its network comes from.</summary>
internal sealed record BackboneFacts(string Name, ImageSize InputSize, PreprocessMode Preprocess)
{
    public required ImageLoadOptions Images { get; init; }

    public required IReadOnlyList<BackboneOutput> Outputs { get; init; }

    /// <summary>Gets a function that makes the table of layers, which loading does not need.</summary>
    public required Func<ModelSummary> Summary { get; init; }

    /// <summary>Returns what a graph of Keras' layers tells.</summary>
    public static BackboneFacts Of(INetwork network)
    {
        // Only maps have a reduction, and most backbones end with a vector.
        var reductions = network.Outputs.Any(o => o.OutputShape.IsMap) ? Stages.Reductions(network.Graph) : [];
        return new(network.Graph.Name, network.InputSize, network.Preprocess)
        {
            Images = network.Images,
            Outputs = [.. network.Outputs.Select(
                o => new BackboneOutput(network.NameOf(o), o, reductions.TryGetValue(o, out var r) ? r : null))],
            Summary = () => new(network.Graph),
        };
    }
}
