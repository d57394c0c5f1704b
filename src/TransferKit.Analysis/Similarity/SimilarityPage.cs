using System.Globalization;
using System.Text;
using TransferKit.Common;

namespace TransferKit;

/// <summary>Represents an HTML page of the pictures that a search found. It shows the files where they are.</summary>
public sealed class SimilarityPage
{
    private const string Style = """
        ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(12rem, 100%), 1fr)); gap: 1rem; }
        img { width: 100%; height: 12rem; }
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
        var html = HtmlPage.Begin($"Similar to {Path.GetFileName(_query)}", Style);
        html.Append(CultureInfo.InvariantCulture, $"{Figure(_query, Path.GetFileName(_query))}\n<ol>\n");
        foreach (var found in _found)
        {
            var caption = string.Create(CultureInfo.InvariantCulture, $"{found.Score:0.0000} {found.Name}");
            html.Append(CultureInfo.InvariantCulture, $"<li>{Figure(Path.Combine(_folder, found.Name), caption)}</li>\n");
        }
        return HtmlPage.End(html.Append("</ol>\n"));
    }

    /// <summary>Saves the page.</summary>
    /// <param name="path">The path of the file. An existing one is replaced.</param>
    /// <exception cref="OutputFormatException">The extension is neither <c>.html</c> nor <c>.htm</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public void Save(string path) =>
        AtomicFile.Write(OutputTarget.Of(path, ".html", ".htm"), stream => stream.Write(Encoding.UTF8.GetBytes(ToHtml())));

    private static string Figure(string file, string caption) =>
        $"<figure><img loading=\"lazy\" src=\"{HtmlPage.Text(new Uri(Path.GetFullPath(file)).AbsoluteUri)}\" alt=\"\">"
        + $"<figcaption>{HtmlPage.Text(caption)}</figcaption></figure>";
}
