using System.CommandLine;
using TransferKit.Training;

namespace TransferKit.Cli;

/// <summary>
/// Holds the defaults that the environment and files state for options. An option on the command line precedes the environment, the
/// environment the file of the working folder, that one the file of the user, and that one the tool's own default.
/// </summary>
internal sealed class Settings
{
    private readonly Dictionary<string, Setting> _byOption = [];

    private Settings(IEnumerable<Setting> settings)
    {
        foreach (var setting in settings)
            _byOption.TryAdd(setting.Option, setting);
    }

    /// <summary>Gets the file of the user, such as <c>~/.config/transferkit/transferkit.json</c>.</summary>
    public static string UserFile => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "transferkit", SettingsFile.Name);

    public IEnumerable<Setting> All => _byOption.Values;

    /// <summary>Reads the settings of the environment, the working folder and the user.</summary>
    /// <exception cref="ArgumentException">A file or a variable is wrong; the message names it.</exception>
    public static Settings Read() =>
        new([.. OfEnvironment(), .. SettingsFile.Read(SettingsFile.Name), .. SettingsFile.Read(UserFile)]);

    /// <summary>Gets the variables of the environment that TransferKit reads.</summary>
    public static IEnumerable<string> Variables => SettingName.All.Select(n => n.Variable).Append(TorchLibraries.FolderVariable);

    /// <summary>Returns a variable that looks like TransferKit's and that nothing reads; null if there is none.</summary>
    public static string? UnknownVariable() => Environment.GetEnvironmentVariables().Keys.Cast<string>()
        .FirstOrDefault(v => v.StartsWith("TRANSFERKIT_", StringComparison.Ordinal) && !Variables.Contains(v));

    /// <summary>Returns the setting of an option; null if there is none.</summary>
    public Setting? Of(Option option) => _byOption.GetValueOrDefault(option.Name);

    /// <summary>Makes the settings the defaults of the options of a command and the commands below it.</summary>
    public void Apply(Command command)
    {
        foreach (var option in command.Options)
        {
            if (Of(option) is { } setting)
                Set(option, setting);
        }
        foreach (var below in command.Subcommands)
            Apply(below);
    }

    private static void Set(Option option, Setting setting)
    {
        switch (option)
        {
            case Option<string> one:
                one.DefaultValueFactory = _ => setting.Values[0];
                break;
            case Option<string[]> several:
                several.DefaultValueFactory = _ => [.. setting.Values];
                break;
            case Option<bool> flag:
                flag.DefaultValueFactory = _ => setting.IsOn;
                break;
        }
    }

    // An address has colons, so a list of them cannot be separated as PATH is.
    private static IEnumerable<Setting> OfEnvironment() =>
        from name in SettingName.All
        let text = Environment.GetEnvironmentVariable(name.Variable)
        where !string.IsNullOrEmpty(text)
        let texts = name.Kind == SettingKind.Addresses ? text.Split(';', StringSplitOptions.RemoveEmptyEntries) : [text]
        where texts.Length > 0
        select name.Create(texts, name.Variable, Environment.CurrentDirectory);
}
