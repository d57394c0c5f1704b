namespace TransferKit;

/// <summary>
/// Represents all that determines a backbone's features, so that stored features can be told from those of another backbone.
/// <see cref="IBackbone.GetService"/> returns it.
/// </summary>
public sealed class BackboneIdentity
{
    private readonly Lazy<string> _weights;

    /// <summary>Initializes an identity.</summary>
    /// <param name="options">The options by name, in invariant text.</param>
    /// <param name="weights">Returns the text that identifies the weights. It is called at most once, when it is first needed.</param>
    public BackboneIdentity(IReadOnlyDictionary<string, string> options, Func<string> weights)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(weights);
        (Options, _weights) = (options, new(weights));
    }

    /// <summary>Gets the options that determine the features, such as <c>pooling</c>, by name.</summary>
    public IReadOnlyDictionary<string, string> Options { get; }

    /// <summary>Gets <c>sha256:</c> and the hash of the weight file, or <c>random (seed 0)</c>. The first call reads the file.</summary>
    public string Weights => _weights.Value;
}
