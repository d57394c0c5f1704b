using System.Globalization;
using System.Net;
using System.Text;

namespace TransferKit.Training;

/// <summary>Draws values by epoch as SVG.</summary>
internal static class LineChart
{
    private const int Width = 460, Height = 250, Left = 52, Right = 12, Top = 30, Bottom = 28;

    public sealed record Series(string Name, string Colour, IReadOnlyList<double> Values);

    /// <summary>Draws a chart.</summary>
    /// <param name="title">The name of the values.</param>
    /// <param name="series">The lines, all of the same length.</param>
    /// <param name="breaks">The indices of the first epochs of later phases.</param>
    public static string ToSvg(string title, IReadOnlyList<Series> series, IReadOnlyList<int> breaks)
    {
        var values = series.SelectMany(s => s.Values).Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        var (low, high) = (values.Min(), values.Max());
        var step = NiceStep(Math.Max(high - low, Math.Abs(high) * 1e-3 + 1e-12) / 4);
        (low, high) = (Math.Floor(low / step) * step, Math.Ceiling(high / step) * step);
        if (high <= low)
            high = low + step;
        var count = series.Max(s => s.Values.Count);

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\" ");
        svg.Append(CultureInfo.InvariantCulture, $"aria-label=\"{WebUtility.HtmlEncode(title)} by epoch\">");
        for (var at = low; at <= high + step / 2; at += step)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(at):0.0}\" y2=\"{Y(at):0.0}\" stroke=\"var(--grid)\"/>");
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{Left - 6}\" y=\"{Y(at) + 4:0.0}\" text-anchor=\"end\">{Math.Round(at, 10):G4}</text>");
        }
        foreach (var phase in breaks)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<line x1=\"{X(phase - 0.5):0.0}\" x2=\"{X(phase - 0.5):0.0}\" y1=\"{Top}\" y2=\"{Height - Bottom}\" ");
            svg.Append("stroke=\"currentColor\" stroke-dasharray=\"3 4\" opacity=\".5\"/>");
        }
        var each = Math.Max(1, (int)Math.Ceiling(count / 10.0));
        for (var epoch = 0; epoch < count; epoch += each)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{X(epoch):0.0}\" y=\"{Height - 10}\" text-anchor=\"middle\">{epoch + 1}</text>");
        }

        var legend = Left;
        foreach (var line in series)
        {
            var points = line.Values.Select((v, i) => (v, i)).Where(p => double.IsFinite(p.v))
                .Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.i):0.0},{Y(p.v):0.0}"));
            svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{line.Colour}\" stroke-width=\"2\" ");
            svg.Append(CultureInfo.InvariantCulture, $"stroke-linejoin=\"round\" points=\"{string.Join(' ', points)}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{legend}\" y=\"9\" width=\"12\" height=\"4\" fill=\"{line.Colour}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{legend + 17}\" y=\"15\">{WebUtility.HtmlEncode(line.Name)}</text>");
            legend += 40 + 7 * line.Name.Length;
        }
        return svg.Append("</svg>").ToString();

        double X(double epoch) => count < 2 ? (Left + Width - Right) / 2.0 : Left + epoch * (Width - Left - Right) / (count - 1.0);
        double Y(double value) => Height - Bottom - (value - low) / (high - low) * (Height - Top - Bottom);
    }

    // Readers expect grid lines at 1, 2 or 5 times a power of ten.
    private static double NiceStep(double atLeast)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(atLeast)));
        return power * ((atLeast / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
    }
}
