using TransferKit.Graph;

namespace TransferKit.Configs.Reading;

/// <summary>Represents one of Keras' layer classes and how its configuration becomes an operation.</summary>
/// <param name="Name">Keras' class name, such as <c>Conv2D</c>.</param>
/// <param name="Read">
/// Reads the operation from a layer's configuration. It throws a <see cref="ConfigException"/> if an entry is missing, wrong or
/// unsupported.
/// </param>
internal sealed record LayerClass(string Name, Func<LayerConfig, LayerOp> Read)
{
    /// <summary>Gets whether the layer merges several inputs, as Add does.</summary>
    public bool TakesSeveral { get; private init; }

    /// <summary>Creates the row of a class of layers with one input.</summary>
    public static LayerClass Of(string name, Func<LayerConfig, LayerOp> read) => new(name, read);

    /// <summary>Creates the row of a class that merges several inputs.</summary>
    public static LayerClass Merging(string name, Func<LayerConfig, LayerOp> read) => new(name, read) { TakesSeveral = true };
}
