using System.Text.Json.Nodes;

namespace TransferKit.Configs.Writing;

/// <summary>Represents an operation as a class of Keras and its settings.</summary>
/// <param name="ClassName">Keras' name of the class.</param>
/// <param name="Entries">The settings, beside the name and the policy that each layer has.</param>
internal sealed record WrittenClass(string ClassName, (string Key, JsonNode? Value)[] Entries)
{
    /// <summary>Gets the module that Keras finds the class in.</summary>
    public string Module { get; init; } = "keras.layers";

    /// <summary>Gets whether Keras notes the shape that the layer was built for.</summary>
    public bool NotesShape { get; init; } = true;

    /// <summary>Gets how a call passes its inputs.</summary>
    public WrittenCall Call { get; init; }

    /// <summary>Gets the constant that an operator takes beside its input; null for layers.</summary>
    public double? Constant { get; init; }

    /// <summary>Gets whether the class is an operator of <c>keras.ops</c>, which is no layer and has no settings.</summary>
    public bool IsOperator => Module.StartsWith("keras.src.ops", StringComparison.Ordinal);

    /// <summary>Gets the name that Keras registers classes outside its public modules by; null for the others.</summary>
    public string? RegisteredName => Module.StartsWith("keras.src", StringComparison.Ordinal) ? ClassName : null;
}

/// <summary>Specifies how a layer is called.</summary>
internal enum WrittenCall
{
    /// <summary>The layer takes one tensor.</summary>
    Single,

    /// <summary>The layer takes one tensor and a mask, which is null.</summary>
    Masked,

    /// <summary>The layer takes a list of tensors.</summary>
    List,
}
