using System.CommandLine;

namespace TransferKit.Cli;

/// <summary>Creates the option <c>--json</c> of the commands that report something.</summary>
internal static class JsonOption
{
    /// <param name="more">The part of the report that only JSON has, such as "with the number of runs".</param>
    public static Option<bool> Create(string? more = null) =>
        new("--json") { Description = more is null ? "Print JSON." : $"Print JSON, {more}." };
}
