using TransferKit.Common;

namespace TransferKit.Cli;

/// <summary>Defines the settings: the options whose default the environment or a file can state.</summary>
/// <param name="Name">The name in a file, which is the option's without its dashes.</param>
/// <param name="Kind">The kind of the value.</param>
internal sealed record SettingName(string Name, SettingKind Kind)
{
    public static readonly SettingName[] All =
    [
        new("backbone", SettingKind.Network), new("cache", SettingKind.Path), new("mirror", SettingKind.Addresses),
        new("offline", SettingKind.Flag),
    ];

    public string Variable => $"TRANSFERKIT_{Name.ToUpperInvariant()}";

    /// <summary>Creates the setting from its texts, and refuses what the option would refuse.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="source">The variable or the file.</param>
    /// <param name="folder">The folder that relative paths start from.</param>
    /// <exception cref="ArgumentException">There is no network of the name.</exception>
    public Setting Create(IEnumerable<string> texts, string source, string folder) => new(
        Name,
        [
            .. texts.Select(text => Kind switch
            {
                SettingKind.Network => Network(text, source),
                SettingKind.Path => FullPath(text, folder),
                SettingKind.Addresses => text.Contains("://", StringComparison.Ordinal) ? text : FullPath(text, folder),
                _ => text,
            }),
        ],
        source);

    private static string Network(string text, string source)
    {
        bool Is(string name) => name.Equals(text, StringComparison.OrdinalIgnoreCase);
        return Backbone.All.Any(b => Is(b.Name) || Is(b.KerasName)) ? text
            : throw new ArgumentException(
                $"{source} sets backbone to '{text}', and there is no such network. "
                + NearestName.Question(text, NearestName.Of(text, Backbone.All.Select(b => b.Name))) + "transferkit models lists all.");
    }

    // A shell replaces ~, and a file has none.
    private static string FullPath(string text, string folder) => text.StartsWith("~/", StringComparison.Ordinal)
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), text[2..])
        : Path.GetFullPath(text, folder);
}

/// <summary>Specifies what the value of a setting is.</summary>
internal enum SettingKind
{
    Network,
    Path,
    Addresses,
    Flag,
}
