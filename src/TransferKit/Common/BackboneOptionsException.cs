using TransferKit.Common;

namespace TransferKit;

/// <summary>
/// Thrown when options contradict each other or the backbone, before anything is downloaded. Also thrown when a weight does not fit the
/// requested precision.
/// </summary>
public sealed class BackboneOptionsException : ArgumentException
{
    internal BackboneOptionsException(string backbone, IReadOnlyList<string> problems)
        : base(Printable.Of($"{backbone} cannot be built with these options: {string.Join(" ", problems)}")) =>
        (Backbone, Problems) = (backbone, problems);

    /// <summary>Gets the backbone's name.</summary>
    public string Backbone { get; }

    /// <summary>Gets all problems, each a sentence that names the option, its value and the allowed values.</summary>
    public IReadOnlyList<string> Problems { get; }
}
