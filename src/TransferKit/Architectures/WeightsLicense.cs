namespace TransferKit;

/// <summary>Represents the licence of ImageNet weights, which TransferKit's own licence does not cover.</summary>
public sealed class WeightsLicense
{
    internal WeightsLicense(string name, string statedBy) => (Name, StatedBy) = (name, statedBy);

    /// <summary>Gets the licence's name, such as <c>Apache-2.0</c>, <c>MIT</c> or <c>CC-BY-4.0</c>.</summary>
    public string Name { get; }

    /// <summary>Gets the URL of the page that states the licence.</summary>
    public string StatedBy { get; }

    /// <summary>Returns the licence's name.</summary>
    public override string ToString() => Name;
}
