using System.CommandLine.Parsing;

namespace TransferKit.Cli;

/// <summary>Checks the output files of commands while the command line is parsed, before any long work.</summary>
internal static class OutputPath
{
    /// <summary>The name of standard output, as in other tools.</summary>
    public const string StandardOutput = "-";

    /// <summary>Creates a validator that refuses standard output and files with other extensions.</summary>
    /// <param name="name">The name of the option or argument, for messages.</param>
    /// <param name="extensions">The valid extensions; empty if the library checks them itself before any work.</param>
    public static Action<SymbolResult> Check(string name, params string[] extensions) => result =>
    {
        if (result.Tokens is not [.., { Value: var path }])
            return;
        if (path == StandardOutput)
            result.AddError($"{name} is '-', but this file cannot go to standard output. Name a file.");
        else if (extensions.Length > 0 && !extensions.Any(e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase)))
            result.AddError($"{name} is '{path}'; it must end in {string.Join(" or ", extensions)}.");
    };
}
