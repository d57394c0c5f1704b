using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace TransferKit.Cli;

/// <summary>
/// Prints the help of a command with its options under headings, because the two dozen options of <c>extract</c> in one list hide the three
/// that most people need.
/// </summary>
internal sealed class GroupedHelp(Settings settings) : SynchronousCommandLineAction
{
    private const int WidestLabel = 35;
    private const string Own = "Options";

    private static readonly ConditionalWeakTable<Option, string> Headings = [];

    public override bool Terminating => true;

    // A command without its required options has help too.
    public override bool ClearsParseErrors => true;

    /// <summary>Creates the option <c>--help</c>.</summary>
    /// <param name="settings">The settings, which the help of their options names.</param>
    public static HelpOption Create(Settings settings) => new() { Recursive = true, Action = new GroupedHelp(settings) };

    /// <summary>Sets the heading of options.</summary>
    public static IEnumerable<Option> Under(string heading, IEnumerable<Option> options)
    {
        foreach (var option in options)
        {
            Headings.AddOrUpdate(option, heading);
            yield return option;
        }
    }

    public override int Invoke(ParseResult parseResult)
    {
        var width = TextWrap.Columns(Console.IsOutputRedirected, redirected: 120);
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult;
        var description = command.Command.Description!.ReplaceLineEndings("\n").Split('\n');
        foreach (var line in description.SelectMany(l => l.StartsWith(' ') ? Example(l, width) : TextWrap.Lines(l, width - 1)))
            output.WriteLine(line);
        output.WriteLine();
        foreach (var line in TextWrap.Lines($"Usage: {Usage(command)}", width - 1))
            output.WriteLine(line);
        var arguments = command.Command.Arguments.Where(a => !a.Hidden);
        Rows(output, "Arguments", width, arguments.Select(a => ($"<{a.HelpName ?? a.Name}>", a.Description)));
        Rows(output, "Commands", width, command.Command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name, c.Description)));
        var options = CommandTree.Options(command).Where(o => !o.Hidden);
        var groups = options.GroupBy(o => Headings.TryGetValue(o, out var heading) ? heading : Own);
        foreach (var group in groups.OrderByDescending(g => g.Key == Own))
            Rows(output, group.Key, width, group.Select(o => (Label(o), Description(o))));
        return ExitCode.Success;
    }

    // Examples are there to be copied, so their lines are broken as a shell continues them. Shells of Windows differ in how.
    private static IEnumerable<string> Example(string line, int width)
    {
        const string Continued = " \\";
        var room = OperatingSystem.IsWindows() || line.Length < width ? int.MaxValue : width - 1 - Continued.Length;
        var lines = TextWrap.Lines(line, room).ToList();
        return lines.Select((l, i) => i < lines.Count - 1 ? l + Continued : l);
    }

    private static string Usage(CommandResult command)
    {
        var arguments = command.Command.Arguments.Where(a => !a.Hidden).Select(a =>
            (a.Arity.MinimumNumberOfValues == 0 ? $"[<{a.Name}>]" : $"<{a.Name}>") + (a.Arity.MaximumNumberOfValues > 1 ? "..." : ""));
        return string.Join(
            ' ',
            [
                CommandTree.Path(command), .. command.Command.Subcommands.Count > 0 ? (string[])["<command>"] : [], .. arguments,
                "[options]",
            ]);
    }

    private static string Label(Option option)
    {
        var names = string.Join(", ", option.Aliases.Prepend(option.Name).OrderBy(n => n.Length));
        var type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        if (type == typeof(bool) || option is HelpOption or VersionOption)
            return names;
        // The parser ignores case, and people write small letters.
        var values = type.IsEnum ? string.Join('|', Enum.GetNames(type)).ToLowerInvariant() : null;
        var value = option.HelpName ?? (values?.Length <= 20 ? values : option.Name.TrimStart('-'));
        return $"{names} <{value}>";
    }

    private string? Description(Option option) =>
        option.Required ? $"{option.Description} Required."
        : settings.Of(option) is { } setting ? $"{option.Description} {setting.Source} sets {setting.Text}."
        : Default(option) is { Length: > 0 } value ? $"{option.Description} Defaults to {value}."
        : option.Description;

    private static string? Default(Option option) =>
        !option.HasDefaultValue || option.ValueType == typeof(bool) ? null
        : option.GetDefaultValue() is System.Collections.IEnumerable list and not string ? string.Join(", ", list.Cast<object>())
        : Convert.ToString(option.GetDefaultValue(), CultureInfo.InvariantCulture)?.ToLowerInvariant();

    private static void Rows(TextWriter output, string heading, int width, IEnumerable<(string Label, string? Text)> rows)
    {
        var list = rows.ToList();
        if (list.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine($"{heading}:");
        var indent = 2 + Math.Min(WidestLabel, list.Max(r => r.Label.Length) + 2);
        foreach (var line in list.SelectMany(r => TextWrap.Labelled($"  {r.Label}", r.Text ?? "", width, indent)))
            output.WriteLine(line);
    }
}
