namespace TransferKit;

/// <summary>Represents a row of a backbone's layer table.</summary>
public sealed class LayerInfo
{
    internal LayerInfo(Graph.Layer layer)
    {
        Name = layer.Name;
        Type = layer.Op.TypeName;
        OutputShape = layer.OutputShape.Dimensions;
        Parameters = layer.ParameterCount;
        TrainableParameters = layer.TrainableCount;
        Inbound = [.. layer.Inputs.Select(i => i.Name)];
        Weights = [.. layer.Weights.Select(w => new WeightInfo(w))];
        Config = layer.Op.Config.ToDictionary();
    }

    internal LayerInfo(string name, string type) => (Name, Type, Config) = (name, type, new Dictionary<string, object?>());

    /// <summary>Gets Keras' name, such as <c>block1_conv1</c>.</summary>
    public string Name { get; }

    /// <summary>Gets Keras' class, such as <c>Conv2D</c>.</summary>
    public string Type { get; }

    /// <summary>
    /// Gets the output's dimensions without the batch: height, width and channels, or one for a vector. They are empty if an ONNX file does
    /// not tell them.
    /// </summary>
    public IReadOnlyList<int> OutputShape { get; internal init; } = [];

    /// <summary>Gets the number of parameters in the layer's weights.</summary>
    public long Parameters { get; internal init; }

    /// <summary>Gets the number of parameters that training changes.</summary>
    public long TrainableParameters { get; }

    /// <summary>Gets the names of the layers that it takes its inputs from.</summary>
    public IReadOnlyList<string> Inbound { get; internal init; } = [];

    /// <summary>Gets the layer's weights, in the order of Keras' files.</summary>
    public IReadOnlyList<WeightInfo> Weights { get; internal init; } = [];

    /// <summary>Gets the arithmetic part of Keras' configuration of the layer.</summary>
    public IReadOnlyDictionary<string, object?> Config { get; }
}

/// <summary>Represents a weight of a layer.</summary>
public sealed class WeightInfo
{
    internal WeightInfo(string name, IReadOnlyList<int> shape) => (Name, Shape) = (name, shape);

    internal WeightInfo(Graph.WeightSlot slot) => (Name, Shape, Trainable) = (slot.Kind, slot.Shape, slot.Trainable);

    /// <summary>Gets Keras' name within the layer, such as <c>kernel</c>.</summary>
    public string Name { get; }

    /// <summary>Gets the shape as in Keras: height, width, input and output channels for kernels.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Gets whether training changes it; a moving mean is not trainable.</summary>
    public bool Trainable { get; }
}
