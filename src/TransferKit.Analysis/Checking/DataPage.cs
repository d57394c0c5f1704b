using System.Globalization;
using TransferKit.Common;
using TransferKit.Imaging.Skia;

namespace TransferKit.Analysis.Checking;

/// <summary>Writes the page of a report, with small pictures within it.</summary>
internal static class DataPage
{
    private const int MostOfKind = 200;
    private const int ThumbnailSide = 160;

    private const string Style = """
        nav ul { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; }
        ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(21rem, 100%), 1fr)); gap: 1rem; }
        ol li { border: 1px solid var(--grid); padding: .5rem; }
        img { width: min(9.5rem, 48%); aspect-ratio: 1; } img + img { margin-left: 2%; }
        """;

    public static string Of(DataReport report)
    {
        var kinds = report.Findings.GroupBy(f => f.Kind).ToList();
        var html = HtmlPage.Begin($"Check of {report.Pictures} pictures", Style);
        html.Append("<nav><ul>\n");
        foreach (var kind in kinds)
            html.Append(CultureInfo.InvariantCulture, $"<li><a href=\"#{kind.Key}\">{Title(kind.Key)}: {kind.Count()}</a></li>\n");
        html.Append("</ul></nav>\n");
        foreach (var omitted in report.Omitted)
            html.Append(CultureInfo.InvariantCulture, $"<p>{HtmlPage.Text(omitted)}</p>\n");
        foreach (var kind in kinds)
        {
            var count = kind.Count();
            html.Append(CultureInfo.InvariantCulture, $"<h2 id=\"{kind.Key}\">{Title(kind.Key)}</h2>\n");
            if (count > MostOfKind)
                html.Append(CultureInfo.InvariantCulture, $"<p>The first {MostOfKind} of {count}.</p>\n");
            html.Append("<ol>\n");
            foreach (var finding in kind.Take(MostOfKind))
            {
                html.Append("<li>");
                if (finding.Kind != DataFindingKind.Imbalance)
                    html.Append(Picture(finding.Path));
                if (finding.Other is not null)
                    html.Append(Picture(finding.Other));
                html.Append(CultureInfo.InvariantCulture, $"<p><b>{HtmlPage.Text(finding.Path)}</b></p>");
                html.Append(CultureInfo.InvariantCulture, $"<p>{HtmlPage.Text(finding.Message)}</p></li>\n");
            }
            html.Append("</ol>\n");
        }
        return HtmlPage.End(html);
    }

    // A picture that cannot be read, or is absent, has none here; its name and the message say enough.
    private static string Picture(string path)
    {
        try
        {
            var small = Convert.ToBase64String(PictureEncoder.Jpeg(PictureEncoder.Shrunk(RgbImage.Load(path), ThumbnailSide)));
            return $"<img alt=\"{HtmlPage.Text(path)}\" src=\"data:image/jpeg;base64,{small}\">";
        }
        catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Returns the name of a kind in words.</summary>
    public static string Title(DataFindingKind kind) => kind switch
    {
        DataFindingKind.Unreadable => "Unreadable files",
        DataFindingKind.Duplicate => "Copies of the same bytes",
        DataFindingKind.PixelDuplicate => "Copies of the same pixels",
        DataFindingKind.NearDuplicate => "Near copies",
        DataFindingKind.Leak => "Leaks into the test",
        DataFindingKind.WrongLabel => "Wrong labels",
        DataFindingKind.Outlier => "Outliers",
        DataFindingKind.Tiny => "Tiny pictures",
        DataFindingKind.Blank => "Blank pictures",
        DataFindingKind.Blurred => "Blurred pictures",
        DataFindingKind.OddShape => "Odd shapes",
        _ => "Small classes",
    };
}
