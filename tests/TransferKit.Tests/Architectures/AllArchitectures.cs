using TransferKit.Architectures;
using TransferKit.Graph;

namespace TransferKit.Tests.Architectures;

/// <summary>The registry as tests want it: names for theories, rows and graphs by name.</summary>
internal static class AllArchitectures
{
    public static TheoryData<string> Names => new(Registry.All.Select(a => a.Name));

    /// <summary>Gets the networks that Keras has, and so a golden. A row of another network has no ground truth by Keras.</summary>
    public static TheoryData<string> OfKeras => new(BackboneGolden.Names);

    /// <summary>Gets the smallest network of each of Keras' families.</summary>
    public static TheoryData<string> Families => new(
        BackboneGolden.Names.Select(Named).GroupBy(a => a.Paper.Title).Select(
            family => family.MinBy(a => BackboneGolden.Load(a.Name).TotalParams)!.Name));

    public static Architecture Named(string name) => Registry.All.Single(a => a.Name == name);

    public static BuildOptions Defaults(string name) => new() { InputSize = Named(name).DefaultSize };

    public static LayerGraph Build(string name, Func<BuildOptions, BuildOptions>? change = null)
    {
        var options = Defaults(name);
        return Named(name).Build(change?.Invoke(options) ?? options);
    }
}
