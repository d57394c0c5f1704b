using System.CommandLine;

namespace TransferKit.Cli;

/// <summary>Defines the command-line options that say where weights come from, and reads them.</summary>
internal sealed class StoreOptions
{
    /// <param name="recursive">Whether the options belong to all subcommands too.</param>
    public StoreOptions(bool recursive = false)
    {
        Cache = new("--cache") { Description = "The cache folder. Defaults to Keras' own.", Recursive = recursive };
        Mirrors = new("--mirror")
        {
            Description = "An address or folder to try before Keras' own address. It can be repeated.",
            Recursive = recursive,
        };
        Offline = new("--offline")
        {
            Description = "Do not use the network. Mirrors that are folders are still used.",
            Recursive = recursive,
        };
    }

    public Option<string> Cache { get; }
    public Option<string[]> Mirrors { get; }
    public Option<bool> Offline { get; }

    public IEnumerable<Option> All => [Cache, Mirrors, Offline];

    public WeightStoreOptions Read(ParseResult parsed) => new()
    {
        CacheDirectory = parsed.GetValue(Cache),
        Mirrors = parsed.GetValue(Mirrors) ?? [],
        Offline = parsed.GetValue(Offline) ? true : null,
    };
}
