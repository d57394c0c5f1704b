using Spectre.Console;

namespace TransferKit.Cli;

/// <summary>
/// Prints rows of text for a terminal or as Markdown. The first column is a name; other columns are right-aligned if they have
/// numbers only.
/// </summary>
internal sealed class TextTable(params string[] headers)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Print(bool markdown)
    {
        if (markdown)
            PrintMarkdown();
        else
            PrintForTerminal();
    }

    private void PrintMarkdown()
    {
        Console.WriteLine(Line(headers));
        Console.WriteLine(Line(headers.Select((_, column) => IsNumeric(column) ? "--:" : "---")));
        foreach (var row in _rows)
            Console.WriteLine(Line(row));

        static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";
    }

    private void PrintForTerminal()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns(headers);
        for (var column = 0; column < headers.Length; column++)
        {
            table.Columns[column].NoWrap().Padding(0, 0, 1, 0);
            if (IsNumeric(column))
                table.Columns[column].RightAligned();
        }
        foreach (var row in _rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        var console = AnsiConsole.Create(new());
        if (Console.IsOutputRedirected)
            console.Profile.Width = 200;
        console.Write(table);
    }

    private bool IsNumeric(int column) => column > 0 && _rows.All(row => row[column].All(c => !char.IsLetter(c)));
}
