namespace TransferKit;

/// <summary>The licence of ImageNet weights, and who states it. TransferKit's own licence does not reach them.</summary>
public sealed class WeightsLicense
{
    internal WeightsLicense(string name, string statedBy) => (Name, StatedBy) = (name, statedBy);

    /// <summary>The licence's name: <c>Apache-2.0</c>, <c>MIT</c>, <c>CC-BY-4.0</c>.</summary>
    public string Name { get; }

    /// <summary>The address of the page that states it.</summary>
    public string StatedBy { get; }

    /// <summary>The licence's name.</summary>
    public override string ToString() => Name;
}
