using System.CommandLine;
using System.CommandLine.Parsing;
using TransferKit.Common;

namespace TransferKit.Cli;

/// <summary>Finds options that a command does not have. The parser takes them for files, and for values of other options.</summary>
internal static class MistypedOption
{
    /// <summary>The first one as a sentence, with the nearest option that exists; null where there is none.</summary>
    /// <param name="parsed">What the parser made of the arguments.</param>
    /// <param name="args">The arguments. After <c>--</c> all are values.</param>
    public static string? Find(ParseResult parsed, string[] args)
    {
        var values = parsed.UnmatchedTokens.Concat(Tokens(parsed.CommandResult)).ToHashSet(StringComparer.Ordinal);
        // Up to its value: --top=3, --top:3.
        var wrong = args.TakeWhile(a => a != "--").FirstOrDefault(a => IsOption(a) && values.Contains(a))?.Split('=', ':')[0];
        return wrong is null ? null
            : $"There is no option '{wrong}'. {NearestName.Question(wrong, NearestName.Of(wrong, Names(parsed.CommandResult)))}"
            + "A file whose name begins with - goes after --, or is written ./-name.";
    }

    // Not a lone dash, which is standard output, and not a negative number.
    private static bool IsOption(string argument) => argument.Length > 1 && argument[0] == '-' && !char.IsAsciiDigit(argument[1]) && argument[1] != '.';

    private static IEnumerable<string> Tokens(CommandResult command) => command.Children
        .Where(child => child is ArgumentResult or OptionResult)
        .SelectMany(child => child.Tokens)
        .Where(token => token.Type == TokenType.Argument)
        .Select(token => token.Value);

    private static IEnumerable<string> Names(CommandResult command)
    {
        var own = command.Command.Options.AsEnumerable();
        for (var at = command.Parent as CommandResult; at is not null; at = at.Parent as CommandResult)
            own = own.Concat(at.Command.Options.Where(o => o.Recursive));
        return own.SelectMany(o => o.Aliases.Prepend(o.Name)).Where(n => n.StartsWith("--", StringComparison.Ordinal));
    }
}
