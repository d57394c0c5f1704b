using System.Collections.Frozen;
using System.Collections.Immutable;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs.Classes;

/// <summary>Lists the layer classes that TransferKit reads, and finds a layer's class.</summary>
internal static class LayerClasses
{
    private static readonly FrozenDictionary<string, LayerClass> ByName = All().ToFrozenDictionary(c => c.Name);

    private static IEnumerable<LayerClass> All() =>
    [
        .. ConvolutionClasses.All, .. DenseClasses.All, .. PoolingClasses.All, .. NormalizationClasses.All, .. ActivationClasses.All,
        .. MergingClasses.All, .. ShapeClasses.All, .. PreparationClasses.All, .. TrainingClasses.All,
    ];

    /// <summary>Reads the operation of one call of a layer, and the layers that it reads.</summary>
    /// <exception cref="ConfigException">The class is unknown, or its configuration unsupported.</exception>
    public static (LayerOp Op, ImmutableArray<Layer> Inputs) Read(LayerEntry entry, LayerCall call, ImmutableArray<Layer> inputs)
    {
        if (entry.ClassName is "Lambda")
        {
            throw new ConfigException("is Python code in the file, which TransferKit never runs. Replace it in Keras with layers such as "
                + "Rescaling, and save the model again.");
        }
        if (inputs.IsEmpty)
            throw new ConfigException("has no inputs.");
        var operation = OperationClasses.Find(entry, call);
        if (inputs.Any(i => i.Op is ChannelSlice) && operation?.Names.Contains("stack") != true)
            throw new ConfigException("reads one channel of a map as an array of two dimensions, which is not supported.");
        if (operation is not null)
            return operation.Read(new OperationCall(entry, call, inputs));
        if (!ByName.TryGetValue(entry.ClassName, out var known))
            throw Unknown(entry);
        if (!known.TakesSeveral && inputs.Length != 1)
            throw new ConfigException($"has {inputs.Length} inputs; it takes one.");
        var config = new LayerConfig(entry.Config, [.. inputs.Select(i => i.OutputShape)]);
        var op = known.Read(config);
        config.RefuseUnread();
        return (op, inputs);
    }

    private static ConfigException Unknown(LayerEntry entry) => entry.RegisteredName is { } registered && registered != entry.ClassName
        ? new($"is a custom layer ({registered}), which is Python code outside the file. TransferKit cannot run it.")
        : new("is of a class that TransferKit does not support. It is either a custom layer or one for other data than pictures; "
            + "docs/keras-models.md lists the supported classes.");
}
