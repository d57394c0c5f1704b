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
        if (Width > console.Profile.Width)
            PrintStacked();
        else
            console.Write(table);
    }

    // Each column has two spaces or a line between it and the next.
    private int Width => Enumerable.Range(0, headers.Length).Sum(c => 3 + _rows.Select(r => r[c].Length).Append(headers[c].Length).Max());

    // A terminal that is too narrow for a row would cut its numbers, so each row becomes a block of lines.
    private void PrintStacked()
    {
        var indent = headers.Skip(1).Max(h => h.Length);
        foreach (var row in _rows)
        {
            Console.WriteLine(row[0]);
            foreach (var (header, cell) in headers.Zip(row).Skip(1))
                Console.WriteLine($"  {header.PadRight(indent)}  {cell}");
        }
    }

    private bool IsNumeric(int column) => column > 0 && _rows.All(row => row[column].All(c => !char.IsLetter(c)));
}
