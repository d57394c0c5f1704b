namespace TransferKit;

/// <summary>Where an architecture was published.</summary>
public sealed class Paper
{
    internal Paper(string title, string url) => (Title, Url) = (title, url);

    /// <summary>The paper's title.</summary>
    public string Title { get; }

    /// <summary>Its address.</summary>
    public string Url { get; }

    /// <summary>Title and address.</summary>
    public override string ToString() => $"{Title}, {Url}";
}
