using System.Text.RegularExpressions;
using TransferKit.Tests;

namespace TransferKit.Cli.Tests;

/// <summary>Runs the tool at a terminal of some width and looks for lines that the terminal would break by itself.</summary>
public sealed partial class NarrowTerminalTests : IDisposable
{
    private static readonly string[] Commands =
    [
        "--help", "export --help", "models", "summary mobilenet_v2", "predict a.png --backbone resnet",
        "check pictures --backbone mobilenet_v2 --alpha 0.35 --weights none --input-size 32x32 2>/dev/null",
    ];

    private readonly Transferkit _tool = new();

    public NarrowTerminalTests()
    {
        foreach (var folder in new[] { "cats", "dogs" })
        {
            Directory.CreateDirectory(_tool.File("pictures", folder));
            File.Copy(Goldens.Path("images", "chelsea.png"), _tool.File("pictures", folder, "a.png"));
        }
    }

    public void Dispose() => _tool.Dispose();

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    public void No_line_is_wider_than_the_terminal_but_a_single_long_word(int columns)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/script"), "A terminal needs the program script.");

        var lines = RunAtTerminal(columns, Commands);

        Assert.Contains(lines, line => line.Contains("mobilenet_v3_small", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("Total params", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("resnet50", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("duplicate: 1", StringComparison.Ordinal));
        Assert.All(lines.Select(Written), line => Assert.True(line.Length <= columns || !line.Trim().Contains(' '), line));
    }

    [Fact]
    public void Errors_know_the_width_of_the_terminal_when_the_output_goes_elsewhere()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/script"), "A terminal needs the program script.");

        var lines = RunAtTerminal(40, ["predict a.png --backbone resnet >/dev/null"]);

        Assert.True(lines.Length > 1, lines[0]);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 40));
    }

    // On a busy machine, spaces stood once before the first line of an error. The tool writes none there, and indents other lines.
    private static string Written(string line) =>
        line.TrimStart().StartsWith("transferkit:", StringComparison.Ordinal) ? line.TrimStart() : line;

    private string[] RunAtTerminal(int columns, string[] commands)
    {
        var tool = Path.Combine(AppContext.BaseDirectory, Path.GetFileName(typeof(Tool).Assembly.Location));
        var script = string.Join('\n', commands.Select(c => $"dotnet '{tool}' {c}").Prepend($"stty cols {columns}"));
        File.WriteAllText(_tool.File("script.sh"), script);
        using var process = _tool.StartProgram("script", "-q", "-c", "sh script.sh", "/dev/null");
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return Escapes().Replace(output, "").ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex(@"\x1b(\[[0-9;?]*[A-Za-z]|[=>])|\r(?!\n)")]
    private static partial Regex Escapes();
}
