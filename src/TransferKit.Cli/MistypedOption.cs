using System.CommandLine;
using System.CommandLine.Parsing;
using TransferKit.Common;

namespace TransferKit.Cli;

/// <summary>Finds options that a command does not have. The parser would take them as files or as values of other options.</summary>
internal static class MistypedOption
{
    /// <summary>Returns an error message for the first unknown option, with the nearest known one; null if there is none.</summary>
    /// <param name="parsed">The parsed arguments.</param>
    /// <param name="args">The raw arguments. Those after <c>--</c> are values.</param>
    public static string? Find(ParseResult parsed, string[] args)
    {
        var values = parsed.UnmatchedTokens.Concat(Tokens(parsed.CommandResult)).ToHashSet(StringComparer.Ordinal);
        // The value can be part of the argument: --top=3, --top:3.
        var wrong = args.TakeWhile(a => a != "--").FirstOrDefault(a => IsOption(a) && values.Contains(a))?.Split('=', ':')[0];
        return wrong is null ? null
            : $"There is no option '{wrong}'. {NearestName.Question(wrong, NearestName.Of(wrong, Names(parsed.CommandResult)))}"
            + "Write a file name that begins with - as ./-name, or put it after --.";
    }

    // A single dash means standard output, and -1 or -.5 is a number.
    private static bool IsOption(string argument) =>
        argument.Length > 1 && argument[0] == '-' && !char.IsAsciiDigit(argument[1]) && argument[1] != '.';

    private static IEnumerable<string> Tokens(CommandResult command) => command.Children
        .Where(child => child is ArgumentResult or OptionResult)
        .SelectMany(child => child.Tokens)
        .Where(token => token.Type == TokenType.Argument)
        .Select(token => token.Value);

    private static IEnumerable<string> Names(CommandResult command) =>
        CommandTree.Options(command).SelectMany(o => o.Aliases.Prepend(o.Name)).Where(n => n.StartsWith("--", StringComparison.Ordinal));
}
