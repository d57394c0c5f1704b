using System.Globalization;
using System.Text;
using TransferKit.Common;

namespace TransferKit.Training;

/// <summary>Reads tables of image files and labels: <c>.csv</c> by RFC 4180.</summary>
internal static class LabelTable
{
    // Millions of rows fit; a larger file is not a table of pictures.
    private const int MostBytes = 1 << 28;

    public static ImageFolder Read(string path, IReadOnlyList<string>? wanted)
    {
        var rows = Parse(ReadText(path)).ToArray();
        var header = rows.FirstOrDefault()
            ?? throw Malformed(path, 1, "the table is empty; its first row must name the columns, 'file,label'");
        if (header.Length < 2)
            throw Malformed(path, 1, "there is one column; a table needs a file and a label, 'file,label'");
        var isNumbers = header.Skip(1).All(name => name.StartsWith("target", StringComparison.OrdinalIgnoreCase));
        if (!isNumbers && header.Length != 2)
            throw Malformed(path, 1, "there are several columns of labels; join labels with '|', or name columns of numbers 'target…'");

        var folder = Path.GetDirectoryName(path)!;
        var body = rows.Select((cells, i) => (cells, line: i + 1)).Skip(1).Where(r => r.cells is not [""]).ToArray();
        foreach (var (cells, line) in body)
        {
            if (cells.Length != header.Length || cells[0].Length == 0)
                throw Malformed(path, line, $"expected {header.Length} columns, the first with a file, and found {cells.Length}");
        }
        if (isNumbers)
        {
            return new(path, header[1..], [.. body.Select(r =>
                new LabelledImage(Path.Combine(folder, r.cells[0]), [], [.. r.cells.Skip(1).Select(cell => Number(path, r.line, cell))]))]);
        }

        var classes = wanted ?? [.. body.SelectMany(r => Labels(r.cells[1])).Distinct().Order(StringComparer.Ordinal)];
        var places = classes.Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i, StringComparer.Ordinal);
        var images = body
            .Select(r => new LabelledImage(
                Path.Combine(folder, r.cells[0]), [.. Labels(r.cells[1]).Where(places.ContainsKey).Select(l => places[l])]))
            .Where(i => wanted is null || i.Classes.Count > 0);
        var table = new ImageFolder(path, classes, [.. images]);
        var empty = table.Counts().ToList().IndexOf(0);
        return empty < 0
            ? table
            : throw new TrainingDataException(TrainingDataError.EmptyClass, path, $"no image has the label '{classes[empty]}'.");
    }

    // Detects UTF-16 and UTF-32 by their byte order marks; other files are UTF-8. Other bytes would change names and labels unnoticed.
    private static string ReadText(string path)
    {
        var strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        using var reader = new StreamReader(new MemoryStream(InputFile.ReadAllBytes(path, MostBytes)), strict);
        try
        {
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException e)
        {
            throw new TrainingDataException(TrainingDataError.MalformedTable, path, "the table is not UTF-8. Save it as UTF-8.", e);
        }
    }

    private static IEnumerable<string> Labels(string cell) =>
        cell.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct();

    private static float Number(string path, int line, string cell) =>
        float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value)
            ? value
            : throw Malformed(path, line, $"'{cell}' is not a number");

    private static TrainingDataException Malformed(string path, int line, string what) =>
        new(TrainingDataError.MalformedTable, path, $"row {line}: {what}.");

    private static IEnumerable<string[]> Parse(string text)
    {
        var (row, cell, quoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"')
            {
                cell.Append(text[i++]);
            }
            else if (c == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && c == ',')
            {
                EndCell();
            }
            else if (!quoted && c is '\n' or '\r')
            {
                if (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                    i++;
                EndCell();
                yield return [.. row];
                row.Clear();
            }
            else
            {
                cell.Append(c);
            }
        }
        if (cell.Length > 0 || row.Count > 0)
        {
            EndCell();
            yield return [.. row];
        }

        void EndCell()
        {
            row.Add(cell.ToString().Trim().Trim('\uFEFF'));
            cell.Clear();
        }
    }
}
