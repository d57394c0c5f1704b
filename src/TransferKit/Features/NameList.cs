using System.Text;
using TransferKit.Common;

namespace TransferKit.Features;

/// <summary>Reads names of files from texts.</summary>
internal static class NameList
{
    // Longer than any path that a system opens.
    private const int MostNameLength = 1 << 15;

    /// <summary>Reads names that a character ends.</summary>
    /// <exception cref="ImageListException">A name is too long.</exception>
    public static IEnumerable<string> Read(TextReader text, char end, string list)
    {
        var name = new StringBuilder();
        for (var c = text.Read(); c >= 0; c = text.Read())
        {
            if (c == end)
            {
                yield return Take(name);
            }
            else if (name.Length == MostNameLength)
            {
                throw new ImageListException(
                    list, $"a name has more than {MostNameLength} characters, so it is no list of files. Write one name a line.");
            }
            else
            {
                name.Append((char)c);
            }
        }
        yield return Take(name);

        string Take(StringBuilder built)
        {
            // Windows ends lines by two characters.
            var taken = end == '\n' && built.Length > 0 && built[^1] == '\r' ? built.ToString(0, built.Length - 1) : built.ToString();
            built.Clear();
            return taken;
        }
    }

    public static IEnumerable<string> ReadFile(string path)
    {
        using var text = new StreamReader(new FileStream(InputFile.OpenMaybePipe(path), FileAccess.Read));
        foreach (var name in Read(text, '\n', path))
            yield return name;
    }

    /// <exception cref="ImageListException">The file is no CSV, or has no such column.</exception>
    public static IEnumerable<string> ReadCsv(string path, string column)
    {
        using var text = new StreamReader(new FileStream(InputFile.OpenMaybePipe(path), FileAccess.Read));
        var header = Next() ?? [];
        var index = header.IndexOf(column);
        if (index < 0)
            throw new ImageListException(path, $"it has no column '{column}', only {string.Join(", ", header.Take(20))}.");
        while (Next() is { } fields)
        {
            if (fields.Count > index)
                yield return fields[index];
            else if (fields is not [""])
                throw new ImageListException(path, $"a line has {fields.Count} fields, and no '{column}'.");
        }

        List<string>? Next()
        {
            try
            {
                return CsvLines.Next(text);
            }
            catch (FormatException e)
            {
                throw new ImageListException(path, $"it is no CSV: {e.Message}.", e);
            }
        }
    }
}
