namespace TransferKit;

/// <summary>No backbone has the name that was asked for.</summary>
public sealed class UnknownBackboneException : ArgumentException
{
    internal UnknownBackboneException(string name, string suggestion, IEnumerable<string> known)
        : base($"There is no backbone named '{name}'. Did you mean '{suggestion}'? Known are: {string.Join(", ", known)}.") =>
        (Name, Suggestion) = (name, suggestion);

    /// <summary>The name that was asked for.</summary>
    public string Name { get; }

    /// <summary>The nearest name that exists.</summary>
    public string Suggestion { get; }
}

/// <summary>A backbone has no layer of the name that was asked for.</summary>
public sealed class UnknownLayerException : ArgumentException
{
    internal UnknownLayerException(string backbone, string layer, string suggestion)
        : base($"{backbone} has no layer named '{layer}'. Did you mean '{suggestion}'? Backbone.Summary(\"{backbone}\") lists all; some exist only with the top.") =>
        (Backbone, Layer, Suggestion) = (backbone, layer, suggestion);

    /// <summary>The backbone's name.</summary>
    public string Backbone { get; }

    /// <summary>The layer that was asked for.</summary>
    public string Layer { get; }

    /// <summary>The nearest name that exists.</summary>
    public string Suggestion { get; }
}
