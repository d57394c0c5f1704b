namespace TransferKit;

/// <summary>Represents the paper that published an architecture.</summary>
public sealed class Paper
{
    internal Paper(string title, string url) => (Title, Url) = (title, url);

    /// <summary>Gets the paper's title.</summary>
    public string Title { get; }

    /// <summary>Gets the paper's URL.</summary>
    public string Url { get; }

    /// <summary>Returns the title and the URL.</summary>
    public override string ToString() => $"{Title}, {Url}";
}
