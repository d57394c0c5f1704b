using System.Globalization;
using System.Net;
using System.Text;

namespace TransferKit.Training;

/// <summary>Draws values by epoch as SVG.</summary>
internal static class LineChart
{
    private const int Width = 460, Height = 250, Right = 12, Top = 30, Bottom = 28, Character = 7;

    public sealed record Series(string Name, string Colour, IReadOnlyList<double> Values);

    /// <summary>Draws a chart.</summary>
    /// <param name="title">The name of the values.</param>
    /// <param name="series">The lines, all of the same length.</param>
    /// <param name="breaks">The indices of the first epochs of later phases.</param>
    public static string ToSvg(string title, IReadOnlyList<Series> series, IReadOnlyList<int> breaks)
    {
        var values = series.SelectMany(s => s.Values).Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        var (low, high, marks) = Axis(values.Min(), values.Max());
        var labels = marks.Select(m => Math.Round(m, 10).ToString("G4", CultureInfo.InvariantCulture)).ToArray();
        var left = 14 + Character * labels.Max(l => l.Length);
        var count = series.Max(s => s.Values.Count);

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" style=\"max-width: 100%; height: auto\" role=\"img\" ");
        svg.Append(CultureInfo.InvariantCulture, $"aria-label=\"{WebUtility.HtmlEncode(title)} by epoch\">");
        foreach (var (at, label) in marks.Zip(labels))
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<line x1=\"{left}\" x2=\"{Width - Right}\" y1=\"{Y(at):0.0}\" y2=\"{Y(at):0.0}\" stroke=\"var(--grid)\"/>");
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{left - 6}\" y=\"{Y(at) + 4:0.0}\" text-anchor=\"end\">{label}</text>");
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

        var legend = left;
        foreach (var line in series)
        {
            var points = line.Values.Select((v, i) => (v, i)).Where(p => double.IsFinite(p.v))
                .Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.i):0.0},{Y(p.v):0.0}"));
            svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{line.Colour}\" stroke-width=\"2\" ");
            svg.Append(CultureInfo.InvariantCulture, $"stroke-linejoin=\"round\" points=\"{string.Join(' ', points)}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{legend}\" y=\"9\" width=\"12\" height=\"4\" fill=\"{line.Colour}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{legend + 17}\" y=\"15\">{WebUtility.HtmlEncode(line.Name)}</text>");
            legend += 40 + Character * line.Name.Length;
        }
        return svg.Append("</svg>").ToString();

        double X(double epoch) => count < 2 ? (left + Width - Right) / 2.0 : left + epoch * (Width - left - Right) / (count - 1.0);
        double Y(double value) => Height - Bottom - (value - low) / (high - low) * (Height - Top - Bottom);
    }

    // A constant, such as a learning rate without a schedule, gets one mark in the middle: others would show values that never were.
    private static (double Low, double High, double[] Marks) Axis(double low, double high)
    {
        if (high - low <= 1e-9 * Math.Abs(high))
        {
            var margin = high == 0 ? 1 : Math.Abs(high) / 2;
            return (high - margin, high + margin, [high]);
        }
        var step = NiceStep((high - low) / 4);
        var (first, last) = (Math.Floor(low / step), Math.Ceiling(high / step));
        return (first * step, last * step, [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)]);
    }

    // Readers expect grid lines at 1, 2 or 5 times a power of ten.
    private static double NiceStep(double atLeast)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(atLeast)));
        return power * ((atLeast / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
    }
}
