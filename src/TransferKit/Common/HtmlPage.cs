using System.Globalization;
using System.Net;
using System.Text;

namespace TransferKit.Common;

/// <summary>Writes the head that all pages of reports have, and escapes text for them.</summary>
internal static class HtmlPage
{
    // A phone shows a page without a viewport as wide as a desktop's, and its text too small to read.
    private const string Style = """
        :root { color-scheme: light dark; --grid: #8886; --back: #8882; }
        * { box-sizing: border-box; }
        body { font: 16px/1.45 system-ui, sans-serif; max-width: 80rem; margin: 1.5rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
        p, figure, dd { margin: 0; }
        ol, ul { list-style: none; padding: 0; }
        img { object-fit: contain; background: var(--back); }
        """;

    /// <summary>Returns a page up to its title, which is also the heading.</summary>
    /// <param name="title">The title.</param>
    /// <param name="style">The style of what this page alone has.</param>
    public static StringBuilder Begin(string title, string style) => new StringBuilder().Append(CultureInfo.InvariantCulture, $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Text(title)}</title>
        <style>
        {Style}
        {style}
        </style>
        </head>
        <body>
        <h1>{Text(title)}</h1>

        """);

    /// <summary>Returns the page, with its end.</summary>
    public static string End(StringBuilder page) => page.Append("</body>\n</html>\n").ToString();

    /// <summary>Returns text that may hold names of files, escaped.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(Printable.Of(text));
}
