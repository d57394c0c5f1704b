using System.CommandLine;

namespace TransferKit.Cli;

/// <summary>
/// Implements <c>transferkit completion</c>, which prints the lines that make a shell complete commands, options and names, and the
/// hidden command <c>complete</c>, which those lines call.
/// </summary>
internal static class CompletionCommand
{
    private const string Tool = "transferkit";

    private static readonly Dictionary<string, string> Shells = new()
    {
        ["bash"] = $$"""
            _transferkit() { local IFS=$'\n'; COMPREPLY=($({{Tool}} complete "$COMP_POINT" "$COMP_LINE" 2>/dev/null)); }
            complete -o default -F _transferkit {{Tool}}
            """,
        ["zsh"] = $$"""
            _transferkit() {
                local -a found
                found=("${(@f)$({{Tool}} complete "$CURSOR" "$BUFFER" 2>/dev/null)}")
                compadd -a found || _files
            }
            compdef _transferkit {{Tool}}
            """,
        ["fish"] = $$"""
            complete -c {{Tool}} -a '({{Tool}} complete (commandline -C) (commandline -cp) 2>/dev/null)'
            """,
        ["powershell"] = $$"""
            Register-ArgumentCompleter -Native -CommandName {{Tool}} -ScriptBlock {
                param($word, $line, $position)
                {{Tool}} complete $position "$line" | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
            }
            """,
    };

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = $"The shell: {string.Join(", ", Shells.Keys)}." };
        var command = new Command(
            "completion", "Print what makes a shell complete commands, such as: source <(transferkit completion bash).")
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            var name = parsed.GetRequiredValue(shell);
            Console.WriteLine(Shells.TryGetValue(name, out var script)
                ? script
                : throw new ArgumentException($"There is no completion for '{name}'; the shells are {string.Join(", ", Shells.Keys)}."));
        });
        return command;
    }

    /// <summary>Creates the command that prints the completions of a line, one each line.</summary>
    /// <param name="root">The command of the tool.</param>
    public static Command Complete(Command root)
    {
        var position = new Argument<int>("position") { Description = "The place of the cursor." };
        var line = new Argument<string>("line") { Description = "The line, which begins with the tool's name." };
        var command = new Command("complete", "Print the completions of a line.") { position, line };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            // The line's first word is the tool, under whatever path it was called; the parser wants what follows.
            var text = parsed.GetRequiredValue(line).PadRight(parsed.GetValue(position));
            var typed = text[..Math.Clamp(parsed.GetValue(position), 0, text.Length)];
            var rest = typed.IndexOf(' ', StringComparison.Ordinal) is >= 0 and var end ? typed[(end + 1)..] : "";
            foreach (var completion in root.Parse(rest).GetCompletions(rest.Length))
                Console.WriteLine(completion.InsertText ?? completion.Label);
        });
        return command;
    }
}
