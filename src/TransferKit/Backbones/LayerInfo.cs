using TransferKit.Architectures;

namespace TransferKit;

/// <summary>A row of a backbone's layer table.</summary>
public sealed class LayerInfo
{
    internal LayerInfo(Graph.Layer layer)
    {
        Name = layer.Name;
        Type = layer.Op.TypeName;
        OutputShape = layer.OutputShape.Dimensions;
        Parameters = layer.ParameterCount;
        TrainableParameters = layer.Weights.Where(w => w.Trainable).Sum(w => w.Count);
        Inbound = [.. layer.Inputs.Select(i => i.Name)];
        Weights = [.. layer.Weights.Select(w => new WeightInfo(w))];
        Config = layer.Op.Config.ToDictionary();
    }

    /// <summary>Keras' name, <c>block1_conv1</c>.</summary>
    public string Name { get; }

    /// <summary>Keras' class, <c>Conv2D</c>.</summary>
    public string Type { get; }

    /// <summary>The output's dimensions without the batch: height, width, channels, or one for a vector.</summary>
    public IReadOnlyList<int> OutputShape { get; }

    /// <summary>How many numbers the layer's weights hold.</summary>
    public long Parameters { get; }

    /// <summary>How many of them training changes.</summary>
    public long TrainableParameters { get; }

    /// <summary>The names of the layers that feed it.</summary>
    public IReadOnlyList<string> Inbound { get; }

    /// <summary>The layer's weights, in the order of Keras' files.</summary>
    public IReadOnlyList<WeightInfo> Weights { get; }

    /// <summary>What Keras' configuration says of its arithmetic.</summary>
    public IReadOnlyDictionary<string, object?> Config { get; }
}

/// <summary>One weight of a layer.</summary>
public sealed class WeightInfo
{
    internal WeightInfo(Graph.WeightSlot slot) => (Name, Shape, Trainable) = (slot.Kind, slot.Shape, slot.Trainable);

    /// <summary>Keras' name within the layer, <c>kernel</c>.</summary>
    public string Name { get; }

    /// <summary>Keras' shape: height, width, in, out for kernels.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Whether training changes it; a moving mean is not trainable.</summary>
    public bool Trainable { get; }
}
