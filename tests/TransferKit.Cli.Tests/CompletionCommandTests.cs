using System.Diagnostics;

namespace TransferKit.Cli.Tests;

public sealed class CompletionCommandTests : IDisposable
{
    private readonly Transferkit _tool = new();

    public void Dispose() => _tool.Dispose();

    [Theory]
    [InlineData("transferkit ext", "extract")]
    [InlineData("transferkit extract --inter", "--interpolation")]
    [InlineData("/usr/local/bin/transferkit extract photos --backbone xce", "xception")]
    [InlineData("transferkit weights pat", "path")]
    public void A_line_is_completed_at_its_end(string line, string expected)
    {
        var (exitCode, output, _) = _tool.Run("complete", $"{line.Length}", line);

        Assert.Equal(0, exitCode);
        Assert.Equal([expected], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Bash_completes_with_the_printed_lines()
    {
        Assert.SkipUnless(File.Exists("/bin/bash") && !OperatingSystem.IsWindows(), "There is no bash.");
        if (OperatingSystem.IsWindows())
            return;
        File.WriteAllText(_tool.File("transferkit"), $"#!/bin/bash\nexec dotnet '{typeof(Tool).Assembly.Location}' \"$@\"\n");
        File.SetUnixFileMode(_tool.File("transferkit"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        const string Script = """
            PATH=$PWD:$PATH; source <(transferkit completion bash)
            COMP_LINE='transferkit extract --backb'; COMP_POINT=${#COMP_LINE}; _transferkit; echo "${COMPREPLY[@]}"
            """;

        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", Script])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = _tool.Folder,
        })!;

        Assert.Equal("--backbone", bash.StandardOutput.ReadToEnd().Trim());
    }

    [Fact]
    public void An_unknown_shell_is_misuse()
    {
        var (exitCode, _, error) = _tool.Run("completion", "csh");

        Assert.Equal(2, exitCode);
        Assert.Contains("bash, zsh, fish, powershell", error);
    }
}
