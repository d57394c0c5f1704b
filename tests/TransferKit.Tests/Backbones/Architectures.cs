using TransferKit.Backbones;
using TransferKit.Graph;

namespace TransferKit.Tests.Backbones;

/// <summary>The registry as tests want it: names for theories, rows and graphs by name.</summary>
internal static class Architectures
{
    public static TheoryData<string> Names => new(Registry.All.Select(a => a.Name));

    public static Architecture Named(string name) => Registry.All.Single(a => a.Name == name);

    public static BuildOptions Defaults(string name) => new() { InputSize = Named(name).DefaultSize };

    public static LayerGraph Build(string name, Func<BuildOptions, BuildOptions>? change = null)
    {
        var options = Defaults(name);
        return Named(name).Build(change?.Invoke(options) ?? options);
    }
}
