using System.CommandLine;

namespace TransferKit.Cli;

/// <summary>Defines the command-line options of the cache of weights, which every command has.</summary>
internal static class StoreOptions
{
    private static readonly Option<string> Cache = new("--cache")
    {
        Description = "The cache folder. Defaults to Keras' own, ~/.keras/models.",
        Recursive = true,
    };

    private static readonly Option<string[]> Mirrors = new("--mirror")
    {
        Description = "An address or folder of weights to try before Keras' own address. It can be repeated.",
        Recursive = true,
    };

    private static readonly Option<bool> Offline = new("--offline")
    {
        Description = "Do not use the network. Mirrors that are folders are still used.",
        Recursive = true,
    };

    public static IEnumerable<Option> All => GroupedHelp.Under("Cache of weights", [Cache, Mirrors, Offline]);

    public static WeightStoreOptions Read(ParseResult parsed) => new()
    {
        CacheDirectory = parsed.GetValue(Cache),
        Mirrors = parsed.GetValue(Mirrors) ?? [],
        // Without the option or a file, the library reads the variable.
        Offline = parsed.GetValue(Offline) || parsed.GetResult(Offline) is { Implicit: false } ? parsed.GetValue(Offline) : null,
    };
}
