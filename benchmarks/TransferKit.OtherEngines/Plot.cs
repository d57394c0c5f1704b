using System.Globalization;
using System.Text;

namespace TransferKit.OtherEngines;

/// <summary>Draws each engine's speed relative to TransferKit's as bars, with a panel per job and batch.</summary>
internal static class Plot
{
    private const int Left = 110, Label = 210, Bar = 12, Gap = 12, Head = 44, Full = 320, Width = Left + Label + Full + 130;
    private static readonly string[] Colours = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f"];

    public static void Write(Results results, string path)
    {
        var body = new StringBuilder();
        var y = 30;
        Text(body, 10, y, $"TransferKit {results.Version}: each engine's speed, TransferKit = 1", "font-weight='bold'");
        foreach (var panel in results.Rows.GroupBy(r => (r.Job, r.Batch)))
        {
            y += Head;
            Text(
                body, 10, y - Gap, panel.Key.Job == "engine" ? $"From prepared images, batch {panel.Key.Batch}" : "From a folder of JPEGs",
                "font-weight='bold'");
            string[] engines = [.. panel.Select(r => r.Engine).Distinct()];
            foreach (var network in panel.GroupBy(r => r.Network))
            {
                Text(body, 10, y + Bar - 2, network.Key);
                foreach (var row in network)
                {
                    // Bars of much faster engines end at the edge of the image.
                    var length = Math.Min(Full / row.Ratio, Full + 90);
                    Text(body, Left, y + Bar - 2, row.Engine);
                    var colour = Colours[Array.IndexOf(engines, row.Engine) % Colours.Length];
                    body.AppendLine(CultureInfo.InvariantCulture,
                        $"<rect x='{Left + Label}' y='{y}' width='{length:0.#}' height='{Bar - 2}' fill='{colour}'/>");
                    Text(
                        body, Left + Label + (int)length + 4, y + Bar - 2,
                        row.ImagesPerSecond.ToString("0.0", CultureInfo.InvariantCulture) + "/s");
                    y += Bar;
                }
                y += Gap;
            }
        }
        File.WriteAllText(path,
            $"<svg xmlns='http://www.w3.org/2000/svg' width='{Width}' height='{y + Gap}' font-family='sans-serif' font-size='11'>\n"
            + $"<rect width='100%' height='100%' fill='white'/>\n{body}</svg>\n");
    }

    private static void Text(StringBuilder body, int x, int y, string text, string attributes = "") =>
        body.AppendLine(CultureInfo.InvariantCulture, $"<text x='{x}' y='{y}' {attributes}>{text}</text>");
}
