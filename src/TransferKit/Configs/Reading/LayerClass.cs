using System.Text.Json.Nodes;
using TransferKit.Graph;

namespace TransferKit.Configs.Reading;

/// <summary>
/// Represents one of Keras' layer classes: how its configuration becomes an operation, and how an operation becomes a configuration.
/// <c>LayerClasses</c> lists all of them.
/// </summary>
internal abstract class LayerClass(string name)
{
    /// <summary>Gets Keras' class name, such as <c>Conv2D</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the type of the operations that this class reads and writes.</summary>
    public abstract Type OpType { get; }

    /// <summary>Gets whether the layer merges several inputs, as Add does.</summary>
    public bool TakesSeveral { get; init; }

    /// <summary>Gets whether operations can be written as this class.</summary>
    public abstract bool CanWrite { get; }

    /// <summary>Reads an operation from a layer's configuration.</summary>
    /// <exception cref="ConfigException">An entry is missing, has a wrong value, or is unsupported.</exception>
    public abstract LayerOp Read(LayerConfig config);

    /// <summary>Writes the entries of an operation that <see cref="Read"/> reads. Common entries, such as the name, are not among them.</summary>
    public abstract void Write(LayerOp op, JsonObject config);

    /// <summary>Creates a row of the table.</summary>
    /// <param name="name">Keras' class name.</param>
    /// <param name="read">Reads the operation from a configuration.</param>
    /// <param name="write">Writes the entries of the operation; null if the class is only read.</param>
    public static LayerClass Of<TOp>(string name, Func<LayerConfig, TOp> read, Action<TOp, JsonObject>? write = null)
        where TOp : LayerOp => new Typed<TOp>(name, read, write);

    /// <inheritdoc cref="Of{TOp}"/>
    public static LayerClass Merging<TOp>(string name, Func<LayerConfig, TOp> read, Action<TOp, JsonObject>? write = null)
        where TOp : LayerOp => new Typed<TOp>(name, read, write) { TakesSeveral = true };

    private sealed class Typed<TOp>(string name, Func<LayerConfig, TOp> read, Action<TOp, JsonObject>? write) : LayerClass(name)
        where TOp : LayerOp
    {
        public override Type OpType => typeof(TOp);

        public override bool CanWrite => write is not null;

        public override LayerOp Read(LayerConfig config) => read(config);

        public override void Write(LayerOp op, JsonObject config) =>
            (write ?? throw new NotSupportedException($"Layers of class {Name} cannot be written."))((TOp)op, config);
    }
}
