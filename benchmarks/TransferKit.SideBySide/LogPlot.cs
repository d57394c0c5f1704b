using System.Globalization;
using System.Text;

namespace TransferKit.SideBySide;

/// <summary>
/// Draws measured points as SVG, a panel for each question, with logarithmic axes on which proportional cost is a straight line.
/// </summary>
internal static class LogPlot
{
    private const int Width = 340, Height = 220, Left = 56, Right = 16, Top = 36, Bottom = 40;

    /// <summary>A panel: its title, the name of the horizontal axis, and the points, all above zero.</summary>
    public sealed record Panel(string Title, string Across, IReadOnlyList<(double X, double Y)> Points);

    public static void Write(string path, params IReadOnlyList<Panel> panels)
    {
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture,
            $"<svg xmlns='http://www.w3.org/2000/svg' width='{Width * panels.Count}' height='{Height}'>");
        svg.AppendLine("<style>text { font-family: sans-serif; font-size: 11px }</style>");
        svg.AppendLine("<rect width='100%' height='100%' fill='white'/>");
        foreach (var (i, panel) in panels.Index())
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"<g transform='translate({i * Width} 0)'>");
            Draw(svg, panel);
            svg.AppendLine("</g>");
        }
        File.WriteAllText(path, svg.Append("</svg>\n").ToString());
    }

    private static void Draw(StringBuilder svg, Panel panel)
    {
        var across = Decades(panel.Points.Select(p => p.X));
        var up = Decades(panel.Points.Select(p => p.Y));
        Text(svg, Left, 20, panel.Title, "font-weight='bold'");
        Text(svg, (Left + Width - Right) / 2.0, Height - 8, panel.Across, "text-anchor='middle'");
        for (var decade = across.Low; decade <= across.High; decade++)
        {
            Line(svg, X(Math.Pow(10, decade)), Top, X(Math.Pow(10, decade)), Height - Bottom);
            Text(svg, X(Math.Pow(10, decade)), Height - Bottom + 14, Label(decade), "text-anchor='middle'");
        }
        for (var decade = up.Low; decade <= up.High; decade++)
        {
            Line(svg, Left, Y(Math.Pow(10, decade)), Width - Right, Y(Math.Pow(10, decade)));
            Text(svg, Left - 6, Y(Math.Pow(10, decade)) + 4, Label(decade), "text-anchor='end'");
        }
        var points = panel.Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):0.#},{Y(p.Y):0.#}"));
        svg.AppendLine(CultureInfo.InvariantCulture,
            $"<polyline fill='none' stroke='#1f77b4' stroke-width='2' points='{string.Join(' ', points)}'/>");
        foreach (var (x, y) in panel.Points)
            svg.AppendLine(CultureInfo.InvariantCulture, $"<circle cx='{X(x):0.#}' cy='{Y(y):0.#}' r='3' fill='#1f77b4'/>");

        double X(double value) => Left + (Math.Log10(value) - across.Low) / (across.High - across.Low) * (Width - Left - Right);
        double Y(double value) => Height - Bottom - (Math.Log10(value) - up.Low) / (up.High - up.Low) * (Height - Top - Bottom);
    }

    private static (int Low, int High) Decades(IEnumerable<double> values)
    {
        var logarithms = values.Select(Math.Log10).ToArray();
        var low = (int)Math.Floor(logarithms.Min());
        return (low, Math.Max(low + 1, (int)Math.Ceiling(logarithms.Max())));
    }

    private static string Label(int decade) => Math.Pow(10, decade).ToString("#,0.####", CultureInfo.InvariantCulture);

    private static void Line(StringBuilder svg, double x1, double y1, double x2, double y2) => svg.AppendLine(
        CultureInfo.InvariantCulture, $"<line x1='{x1:0.#}' y1='{y1:0.#}' x2='{x2:0.#}' y2='{y2:0.#}' stroke='#ddd'/>");

    private static void Text(StringBuilder svg, double x, double y, string text, string attributes) =>
        svg.AppendLine(CultureInfo.InvariantCulture, $"<text x='{x:0.#}' y='{y:0.#}' {attributes}>{text}</text>");
}
