namespace TransferKit.Cli;

/// <summary>Breaks text between words, because a terminal breaks it within them.</summary>
internal static class TextWrap
{
    private const int Narrowest = 20;

    /// <summary>Gets the columns of the terminal.</summary>
    /// <param name="redirected">The columns of a file or a pipe, which has none.</param>
    public static int Columns(int redirected) => Console.IsOutputRedirected ? redirected : Math.Max(Narrowest, Console.WindowWidth);

    /// <summary>Returns the lines of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">The width of a line. A longer word has a line of its own.</param>
    public static IEnumerable<string> Lines(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }
            line = line.Length == 0 ? word : $"{line} {word}";
        }
        if (line.Length > 0)
            yield return line;
    }

    /// <summary>Returns a text under a label: beside it in a wide terminal, and on lines of its own in a narrow one.</summary>
    /// <param name="label">The label.</param>
    /// <param name="text">The text.</param>
    /// <param name="columns">The columns of the terminal.</param>
    /// <param name="indent">The indent of the text beside the label.</param>
    public static IEnumerable<string> Labelled(string label, string text, int columns, int indent)
    {
        const int Narrow = 60;
        var isBeside = columns >= Narrow && label.Length < indent;
        var margin = new string(' ', columns >= Narrow ? indent : 6);
        var lines = Lines(text, Math.Max(Narrowest, columns - margin.Length - 1)).ToList();
        yield return isBeside ? label.PadRight(indent) + lines.FirstOrDefault() : label;
        foreach (var line in isBeside ? lines.Skip(1) : lines)
            yield return margin + line;
    }
}
