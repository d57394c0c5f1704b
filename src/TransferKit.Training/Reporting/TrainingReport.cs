using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using TransferKit.Architectures;
using TransferKit.Common;
using TransferKit.Imaging.Skia;

namespace TransferKit.Training;

/// <summary>
/// Represents a report of a training. HTML shows learning curves, the confusion matrix and the worst mistakes; JSON holds
/// the same metrics for programs.
/// </summary>
public sealed class TrainingReport
{
    private const int ThumbnailSize = 112;

    private const string Style = """
        :root { --train: light-dark(#2563eb, #6ea8ff); --val: light-dark(#b45309, #f0a23c); }
        .figures { display: flex; flex-wrap: wrap; gap: 1rem 2rem; } .figures b { display: block; font-size: 1.6rem; font-weight: 600; }
        .charts, .mistakes { display: flex; flex-wrap: wrap; gap: 1.2rem; }
        .scroll { overflow-x: auto; overflow-wrap: normal; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: .25rem .6rem; text-align: right; border: 1px solid var(--grid); }
        td { white-space: nowrap; } th { font-weight: 600; }
        th:first-child { text-align: left; } figure { width: 9rem; font-size: .85rem; }
        figure img { width: 7rem; height: 7rem; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } dt { opacity: .75; }
        dd span { display: inline-block; }
        svg text { fill: currentColor; font-size: 11px; }
        """;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly string _title;
    private readonly History? _history;
    private readonly Evaluation _evaluation;

    /// <summary>Initializes a report.</summary>
    /// <param name="title">The title, such as the model's file.</param>
    /// <param name="evaluation">The evaluation of the trained model.</param>
    /// <param name="history">The history of the training. Defaults to none.</param>
    public TrainingReport(string title, Evaluation evaluation, History? history = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(title);
        ArgumentNullException.ThrowIfNull(evaluation);
        (_title, _evaluation, _history) = (title, evaluation, history);
    }

    /// <summary>Gets what the report says of the run: names and values such as the network, the pictures and the options.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Details { get; init; } = [];

    /// <summary>Writes both files, each whole or not at all.</summary>
    /// <param name="htmlPath">The HTML file; the JSON is beside it, with the extension <c>.json</c>.</param>
    /// <exception cref="OutputFormatException">The extension is not <c>.html</c>.</exception>
    /// <exception cref="OutputFileException">One cannot be written.</exception>
    public void Save(string htmlPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(htmlPath);
        var page = OutputTarget.Of(htmlPath, ".html", ".htm");
        page.ThrowIfStream("the figures go to a file beside it");
        AtomicFile.Write(page, stream => stream.Write(Encoding.UTF8.GetBytes(ToHtml())));
        AtomicFile.Write(Path.ChangeExtension(page.Path, ".json"), stream => stream.Write(Encoding.UTF8.GetBytes(ToJson())));
    }

    /// <summary>Returns the metrics as JSON: <c>evaluation</c> and <c>history</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(new
    {
        title = _title,
        details = Details.Count == 0 ? null : Details.ToDictionary(d => d.Key, d => d.Value),
        evaluation = _evaluation.Figures(),
        history = _history?.Epochs.Select(e => new { phase = e.Phase, epoch = e.Epoch, seconds = e.Duration.TotalSeconds, logs = e.Logs }),
    }, Json);

    /// <summary>Returns the HTML page, which embeds its pictures.</summary>
    public string ToHtml()
    {
        var page = HtmlPage.Begin(_title, Style);
        Figures(page);
        About(page);
        Curves(page);
        Confusion(page);
        Classes(page);
        Mistakes(page);
        Skipped(page);
        return HtmlPage.End(page);
    }

    private void Figures(StringBuilder page)
    {
        page.Append("<div class=\"figures\">");
        Figure("images", _evaluation.Images.Count.ToString(CultureInfo.InvariantCulture));
        if (_evaluation.Accuracy is { } accuracy)
            Figure("accuracy", Share(accuracy));
        if (_evaluation.TopKAccuracy is { } topK && _evaluation.Labels.Count > _evaluation.TopK)
            Figure($"top-{_evaluation.TopK} accuracy", Share(topK));
        if (_evaluation.MeanAbsoluteError is { } error)
            Figure("mean absolute error", error.ToString("G4", CultureInfo.InvariantCulture));
        Figure("loss", _evaluation.Loss.ToString("0.0000", CultureInfo.InvariantCulture));
        page.Append("</div>");

        void Figure(string name, string value) =>
            page.Append(CultureInfo.InvariantCulture, $"<div><b>{value}</b>{HtmlPage.Text(name)}</div>");
    }

    private void About(StringBuilder page)
    {
        if (Details.Count == 0)
            return;
        page.Append("<dl>");
        foreach (var (name, value) in Details)
            page.Append(CultureInfo.InvariantCulture, $"<dt>{HtmlPage.Text(name)}</dt><dd>{Words(value)}</dd>");
        page.Append("</dl>");
    }

    private void Curves(StringBuilder page)
    {
        if (_history is not { Epochs.Count: > 0 } history)
            return;
        page.Append("<h2>Learning curves</h2><div class=\"charts\">");
        foreach (var name in history.Epochs[0].Logs.Keys.Where(k => !k.StartsWith("val_", StringComparison.Ordinal)))
        {
            var series = new[] { (name, "var(--train)"), ("val_" + name, "var(--val)") }
                .Where(s => history.Epochs[0].Logs.ContainsKey(s.Item1))
                .Select(s => new LineChart.Series(
                    s.Item1, s.Item2, [.. history.Epochs.Select(e => e.Logs.GetValueOrDefault(s.Item1, double.NaN))]));
            var phases = history.Epochs.Select((e, i) => (e.Phase, i))
                .Where(p => p.i > 0 && history.Epochs[p.i - 1].Phase != p.Phase).Select(p => p.i);
            page.Append(LineChart.ToSvg(name.Replace('_', ' '), [.. series], [.. phases]));
        }
        page.Append("</div>");
    }

    private void Confusion(StringBuilder page)
    {
        if (_evaluation.ConfusionMatrix is not { } matrix)
            return;
        page.Append("<h2>Confusion matrix</h2><p>Rows are actual classes, columns are predicted classes.</p>");
        page.Append("<div class=\"scroll\"><table><tr><th></th>");
        foreach (var label in _evaluation.Labels)
            page.Append(CultureInfo.InvariantCulture, $"<th>{HtmlPage.Text(label)}</th>");
        page.Append("</tr>");
        for (var row = 0; row < matrix.Count; row++)
        {
            var all = Math.Max(1, matrix[row].Sum());
            page.Append(CultureInfo.InvariantCulture, $"<tr><th>{HtmlPage.Text(_evaluation.Labels[row])}</th>");
            for (var column = 0; column < matrix.Count; column++)
            {
                var colour = row == column ? "37, 99, 235" : "217, 119, 6";
                var alpha = 0.75 * matrix[row][column] / all;
                page.Append(CultureInfo.InvariantCulture,
                    $"<td style=\"background: rgba({colour}, {alpha:0.00})\">{matrix[row][column]}</td>");
            }
            page.Append("</tr>");
        }
        page.Append("</table></div>");
    }

    private void Classes(StringBuilder page)
    {
        if (_evaluation.Classes.Count == 0)
            return;
        page.Append("<h2>Classes</h2><div class=\"scroll\"><table>");
        page.Append("<tr><th>class</th><th>precision</th><th>recall</th><th>F1</th><th>images</th></tr>");
        foreach (var c in _evaluation.Classes)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><th>{HtmlPage.Text(c.Label)}</th><td>{Share(c.Precision)}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td>{Share(c.Recall)}</td><td>{Share(c.F1)}</td><td>{c.Support}</td></tr>");
        }
        page.Append("</table></div>");
    }

    private void Mistakes(StringBuilder page)
    {
        var worst = _evaluation.WorstMistakes(24);
        if (worst.Count == 0)
            return;
        page.Append("<h2>Most confident mistakes</h2><div class=\"mistakes\">");
        foreach (var image in worst)
        {
            var predicted = HtmlPage.Text(_evaluation.Labels[image.Predicted]);
            var actual = HtmlPage.Text(_evaluation.Labels[image.Actual]);
            page.Append(CultureInfo.InvariantCulture, $"<figure><img alt=\"\" src=\"{Thumbnail(image.Image.Path)}\"><figcaption>");
            page.Append(CultureInfo.InvariantCulture, $"predicted <b>{predicted}</b> ({Share(image.Score)}), actual <b>{actual}</b><br>");
            page.Append(CultureInfo.InvariantCulture, $"{HtmlPage.Text(Path.GetFileName(image.Image.Path))}</figcaption></figure>");
        }
        page.Append("</div>");
    }

    private void Skipped(StringBuilder page)
    {
        var unreadable = _evaluation.Unreadable.Concat(_history?.Unreadable ?? new Dictionary<string, Exception>())
            .DistinctBy(u => u.Key).ToArray();
        if (unreadable.Length == 0)
            return;
        page.Append("<h2>Skipped files</h2><ul>");
        foreach (var (_, error) in unreadable)
            page.Append(CultureInfo.InvariantCulture, $"<li>{HtmlPage.Text(error.Message)}</li>");
        page.Append("</ul>");
    }

    private static string Thumbnail(string path)
    {
        try
        {
            var image = new ImageLoadOptions().Decoder.Decode(
                InputFile.ReadAllBytes(path, Array.MaxLength), path, new ImageDecodeOptions());
            return $"data:image/png;base64,{Convert.ToBase64String(PictureEncoder.Png(PictureEncoder.Shrunk(image, ThumbnailSize)))}";
        }
        catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
        {
            // The file was deleted or changed after the evaluation; the caption still names it.
            return "";
        }
    }

    // A browser breaks lines at hyphens, also within the options of a command.
    private static string Words(string text) => string.Join(' ', text.Split(' ').Select(word => $"<span>{HtmlPage.Text(word)}</span>"));

    private static string Share(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);
}
