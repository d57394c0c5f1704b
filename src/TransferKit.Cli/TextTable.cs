using Spectre.Console;

namespace TransferKit.Cli;

/// <summary>
/// Prints rows of text for a terminal or as Markdown. The first column is a name; other columns are right-aligned if they have
/// numbers only.
/// </summary>
internal sealed class TextTable(params string[] headers)
{
    private readonly string[] _headers = headers;
    private readonly List<string[]> _rows = [];

    /// <summary>Gets the headers of columns that a narrow terminal does without, the least important first. Defaults to none.</summary>
    public IReadOnlyList<string> Dispensable { get; init; } = [];

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
        Console.WriteLine(Line(_headers));
        Console.WriteLine(Line(_headers.Select((_, column) => IsNumeric(column) ? "--:" : "---")));
        foreach (var row in _rows)
            Console.WriteLine(Line(row));

        static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";
    }

    private void PrintForTerminal()
    {
        var columns = TextWrap.Columns(Console.IsOutputRedirected, redirected: 200);
        var table = this;
        while (table.Width > columns && Dispensable.FirstOrDefault(table._headers.Contains) is { } least)
            table = table.Without(Array.IndexOf(table._headers, least));
        if (table.Width > columns)
            PrintStacked();
        else
            table.PrintRows(columns);
    }

    private void PrintRows(int columns)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns(_headers);
        for (var column = 0; column < _headers.Length; column++)
        {
            table.Columns[column].NoWrap().Padding(0, 0, 1, 0);
            if (IsNumeric(column))
                table.Columns[column].RightAligned();
        }
        foreach (var row in _rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        var console = AnsiConsole.Create(new());
        console.Profile.Width = columns;
        console.Write(table);
    }

    private TextTable Without(int column)
    {
        var table = new TextTable([.. _headers.Where((_, c) => c != column)]) { Dispensable = Dispensable };
        foreach (var row in _rows)
            table.Add([.. row.Where((_, c) => c != column)]);
        return table;
    }

    // Each column has two spaces after it, and the first has one before it.
    private int Width => 1 + Enumerable.Range(0, _headers.Length).Sum(c =>
        2 + _rows.Select(r => TextWrap.Cells(r[c])).Append(_headers[c].Length).Max());

    // A terminal that is too narrow for a row would cut its numbers, so each row becomes a block of lines.
    private void PrintStacked()
    {
        var indent = _headers.Skip(1).Max(h => h.Length);
        Console.WriteLine();
        foreach (var row in _rows)
        {
            Terminal.Line(row[0]);
            foreach (var (header, cell) in _headers.Zip(row).Skip(1).Where(c => c.Second.Length > 0))
                Terminal.Line($"  {header.PadRight(indent)}  {cell}");
        }
        Console.WriteLine();
    }

    private bool IsNumeric(int column) => column > 0 && _rows.All(row => row[column].All(c => !char.IsLetter(c)));
}
