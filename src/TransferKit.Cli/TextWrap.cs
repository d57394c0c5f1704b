using System.Text.RegularExpressions;
using Spectre.Console.Rendering;

namespace TransferKit.Cli;

/// <summary>Breaks text between words, because a terminal breaks it within them.</summary>
internal static partial class TextWrap
{
    private const int Narrowest = 20;
    private const int Usual = 80;
    private const int Hanging = 2;

    /// <summary>Gets the columns of the terminal.</summary>
    /// <param name="isRedirected">Whether the text goes to a file or a pipe.</param>
    /// <param name="redirected">The columns of a file or a pipe, which has none. Defaults to endless lines.</param>
    public static int Columns(bool isRedirected, int redirected = int.MaxValue) =>
        isRedirected ? redirected : Console.WindowWidth is > 0 and var width ? Math.Max(Narrowest, width) : Usual;

    /// <summary>Returns the columns that a text takes: characters of East Asia take two.</summary>
    public static int Cells(string text) => new Segment(text).CellCount();

    /// <summary>
    /// Returns the lines of a text. Lines after the first are indented to the last column of the text, if it has columns: text that two
    /// spaces or more precede.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="width">The width of a line. A longer word, such as a path, has a line of its own and stays whole to be copied.</param>
    public static IEnumerable<string> Lines(string text, int width)
    {
        if (text.Length <= width / 2 || Cells(text) <= width)
        {
            yield return text;
            yield break;
        }
        var (line, indent) = ("", Indent(text, width));
        foreach (var word in Words().Matches(text).Select(m => m.Value))
        {
            if (line.Length > 0 && Cells(line) + Cells(word) > width)
            {
                yield return line;
                var next = word.TrimStart(' ');
                line = new string(' ', Cells(next) <= width - indent ? indent : Math.Min(indent, Hanging)) + next;
            }
            else
            {
                line += word;
            }
        }
        yield return line;
    }

    /// <summary>
    /// Returns a text under a label: beside it in a wide terminal, and on lines of its own in a narrow one or after a long label.
    /// </summary>
    /// <param name="label">The label.</param>
    /// <param name="text">The text.</param>
    /// <param name="columns">The columns of the terminal.</param>
    /// <param name="indent">The indent of the text beside the label.</param>
    public static IEnumerable<string> Labelled(string label, string text, int columns, int indent)
    {
        const int Narrow = 60;
        const int Gap = 2;
        var isBeside = columns >= Narrow && label.TrimEnd().Length + Gap <= indent;
        var margin = new string(' ', columns >= Narrow ? indent : 6);
        var lines = text.Length == 0 ? [] : Lines(text, Math.Max(Narrowest, columns - margin.Length - 1)).ToList();
        IEnumerable<string> begin = isBeside ? [label.PadRight(indent) + lines.FirstOrDefault()] : Lines(label, columns);
        return begin.Concat(lines.Skip(isBeside ? 1 : 0).Select(line => margin + line));
    }

    private static int Indent(string text, int width)
    {
        var first = text.Length - text.TrimStart(' ').Length;
        var gap = text.TrimEnd(' ').LastIndexOf("  ", StringComparison.Ordinal);
        var column = gap < first ? first : Cells(text[..(gap + 2)]);
        var hasColumns = column > first;
        return hasColumns && column <= width / 3 ? column : hasColumns || first > 0 ? first + Hanging : 0;
    }

    // A word has the spaces before it.
    [GeneratedRegex(" *[^ ]+")]
    private static partial Regex Words();
}
