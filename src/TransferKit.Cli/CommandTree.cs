using System.CommandLine;
using System.CommandLine.Parsing;

namespace TransferKit.Cli;

/// <summary>Tells what a command on the command line has from the commands above it.</summary>
internal static class CommandTree
{
    /// <summary>Returns the names from the tool to the command, such as <c>transferkit weights list</c>.</summary>
    public static string Path(CommandResult command) => string.Join(' ', Up(command).Reverse().Select(c => c.Name));

    /// <summary>Returns the options of the command, and those of the commands above it that hold for all below.</summary>
    public static IEnumerable<Option> Options(CommandResult command) =>
        Up(command).SelectMany(c => c.Options.Where(o => c == command.Command || o.Recursive));

    private static IEnumerable<Command> Up(CommandResult command)
    {
        for (var at = command; at is not null; at = at.Parent as CommandResult)
            yield return at.Command;
    }
}
