using System.Globalization;
using System.Text.Json;

namespace TransferKit.SideBySide;

/// <summary>Prints rows of figures as Markdown on the console, and optionally saves them as JSON.</summary>
internal sealed class Table
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private readonly string[] _columns;
    private readonly List<Dictionary<string, object>> _rows = [];

    public Table(params string[] columns)
    {
        _columns = columns;
        Console.WriteLine($"| {string.Join(" | ", columns)} |");
        Console.WriteLine($"|{string.Concat(columns.Select(_ => " --- |"))}");
    }

    /// <summary>Adds a row.</summary>
    /// <param name="cells">A text or a number per column. Smaller numbers are printed with more decimals.</param>
    public void Add(params object[] cells)
    {
        _rows.Add(_columns.Zip(cells).ToDictionary(c => c.First, c => c.Second));
        Console.WriteLine($"| {string.Join(" | ", cells.Select(Text))} |");
    }

    public void Save(string? path)
    {
        if (path is not null)
            File.WriteAllText(path, JsonSerializer.Serialize(_rows, Indented));
    }

    private static string Text(object cell) => cell is double number
        ? number.ToString(Math.Abs(number) < 10 ? "0.00" : Math.Abs(number) < 100 ? "0.0" : "0", CultureInfo.InvariantCulture)
        : Convert.ToString(cell, CultureInfo.InvariantCulture)!;
}
