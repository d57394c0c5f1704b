using System.Globalization;
using System.Net;
using System.Text;
using TransferKit.Common;

namespace TransferKit;

/// <summary>Represents an HTML page of the pictures that a search found. It shows the files where they are.</summary>
public sealed class SimilarityPage
{
    private const string Style = """
        :root { color-scheme: light dark; font: 16px/1.4 system-ui, sans-serif; }
        body { margin: 1.5rem; }
        ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: 1rem; list-style: none; padding: 0; }
        img { width: 100%; height: 12rem; object-fit: contain; }
        figure { margin: 0; }
        figcaption { overflow-wrap: anywhere; }
        """;

    private readonly string _query;
    private readonly string _folder;
    private readonly IReadOnlyList<Neighbour> _found;

    /// <summary>Initializes a page.</summary>
    /// <param name="query">The path of the picture that was searched for.</param>
    /// <param name="folder">The path of the folder that the names of the found pictures begin at.</param>
    /// <param name="found">The found pictures.</param>
    public SimilarityPage(string query, string folder, IReadOnlyList<Neighbour> found)
    {
        ArgumentException.ThrowIfNullOrEmpty(query);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(found);
        (_query, _folder, _found) = (query, folder, found);
    }

    /// <summary>Returns the page.</summary>
    public string ToHtml()
    {
        var html = new StringBuilder($"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><title>Similar pictures</title><style>{Style}</style></head>
            <body>
            <h1>Similar to {Text(Path.GetFileName(_query))}</h1>
            {Figure(_query, Path.GetFileName(_query))}
            <ol>

            """);
        foreach (var found in _found)
        {
            var caption = string.Create(CultureInfo.InvariantCulture, $"{found.Score:0.0000} {found.Name}");
            html.AppendLine(CultureInfo.InvariantCulture, $"<li>{Figure(Path.Combine(_folder, found.Name), caption)}</li>");
        }
        return html.Append("</ol>\n</body>\n</html>\n").ToString();
    }

    /// <summary>Saves the page.</summary>
    /// <param name="path">The path of the file. An existing one is replaced.</param>
    /// <exception cref="OutputFormatException">The extension is neither <c>.html</c> nor <c>.htm</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public void Save(string path) =>
        AtomicFile.Write(OutputTarget.Of(path, ".html", ".htm"), stream => stream.Write(Encoding.UTF8.GetBytes(ToHtml())));

    private static string Figure(string file, string caption) =>
        $"<figure><img loading=\"lazy\" src=\"{Text(new Uri(Path.GetFullPath(file)).AbsoluteUri)}\" alt=\"\">"
        + $"<figcaption>{Text(caption)}</figcaption></figure>";

    private static string Text(string text) => WebUtility.HtmlEncode(Printable.Of(text));
}
