namespace TransferKit;

/// <summary>Options that do not fit each other or the backbone: all that is wrong, at once, before anything is downloaded; or a weight that the precision asked for cannot hold.</summary>
public sealed class BackboneOptionsException : ArgumentException
{
    internal BackboneOptionsException(string backbone, IReadOnlyList<string> problems)
        : base($"{backbone} cannot be built with these options: {string.Join(" ", problems)}") =>
        (Backbone, Problems) = (backbone, problems);

    /// <summary>The backbone's name.</summary>
    public string Backbone { get; }

    /// <summary>Each problem as a sentence: the option, its value, and what is allowed.</summary>
    public IReadOnlyList<string> Problems { get; }
}
