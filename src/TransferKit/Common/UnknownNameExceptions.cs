using TransferKit.Common;

namespace TransferKit;

/// <summary>Thrown when no backbone, or no layer or output of a backbone, has the requested name.</summary>
public sealed class UnknownNameException : ArgumentException
{
    private UnknownNameException(string message, string name, string suggestion)
        : base(Printable.Of(message)) => (Name, Suggestion) = (name, suggestion);

    /// <summary>Gets the requested name.</summary>
    public string Name { get; }

    /// <summary>Gets the nearest existing name.</summary>
    public string Suggestion { get; }

    internal static UnknownNameException OfBackbone(string name, IReadOnlyList<string> known)
    {
        var suggestion = NearestName.Of(name, known);
        return new(
            $"There is no backbone named '{name}'. {NearestName.Question(name, suggestion)}Known are: {string.Join(", ", known)}.",
            name, suggestion);
    }

    internal static UnknownNameException OfLayer(string backbone, string layer, IEnumerable<string> known)
    {
        var suggestion = NearestName.Of(layer, known);
        return new(
            $"{backbone} has no layer named '{layer}'. {NearestName.Question(layer, suggestion)}"
            + "Its summary lists all; some exist only with the top, or without.",
            layer, suggestion);
    }

    internal static UnknownNameException OfOutput(string file, string output, IReadOnlyList<string> own, IEnumerable<string> values)
    {
        var suggestion = NearestName.Of(output, [.. own, .. values]);
        return new(
            $"'{file}' computes no value named '{output}'. {NearestName.Question(output, suggestion)}"
            + $"Its own outputs are: {string.Join(", ", own)}.",
            output, suggestion);
    }
}
