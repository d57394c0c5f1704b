using System.CommandLine.Parsing;

namespace TransferKit.Cli;

/// <summary>Checks of the files that commands write, made while the command line is parsed and so before hours of work.</summary>
internal static class OutputPath
{
    /// <summary>By this name tools mean standard output.</summary>
    public const string StandardOutput = "-";

    /// <summary>Refuses standard output and, where extensions are given, files that end in none of them.</summary>
    /// <param name="name">The option or argument, for messages.</param>
    /// <param name="extensions">The extensions that it takes; empty where the library checks them before any work.</param>
    public static Action<SymbolResult> Check(string name, params string[] extensions) => result =>
    {
        if (result.Tokens is not [.., { Value: var path }])
            return;
        if (path == StandardOutput)
            result.AddError($"{name} is '-', standard output, which takes no such file. Name a file.");
        else if (extensions.Length > 0 && !extensions.Any(e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase)))
            result.AddError($"{name} is '{path}'. It takes a file that ends in {string.Join(" or ", extensions)}.");
    };
}
