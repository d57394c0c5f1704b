using System.Globalization;
using System.Text;
using TransferKit.Architectures;
using TransferKit.Graph;

namespace TransferKit;

/// <summary>Specifies the style of a printed layer table.</summary>
public enum SummaryStyle
{
    /// <summary>The style of Keras 2, ruled by underscores.</summary>
    Classic,

    /// <summary>The style of Keras 3, with boxes.</summary>
    Boxed,
}

/// <summary>Represents a backbone's layer table and parameter counts (Keras: <c>model.summary()</c>).</summary>
public sealed class ModelSummary
{
    internal ModelSummary(LayerGraph graph)
    {
        ModelName = graph.Name;
        Layers = [.. graph.Layers.Select(l => new LayerInfo(l))];
        // Keras omits the inbound layers of a model that is a chain.
        IsChain = graph.Layers.All(l => l.Inputs.Length <= 1)
            && graph.Layers.SelectMany(l => l.Inputs).Distinct().Count() == graph.Layers.Length - 1;
    }

    internal ModelSummary(string name, IReadOnlyList<LayerInfo> layers) => (ModelName, Layers) = (name, layers);

    /// <summary>Gets Keras' name of the model, such as <c>vgg16</c>.</summary>
    public string ModelName { get; }

    /// <summary>Gets the layers in Keras' order.</summary>
    public IReadOnlyList<LayerInfo> Layers { get; }

    /// <summary>Gets the number of all parameters.</summary>
    public long TotalParameters => Layers.Sum(l => l.Parameters);

    /// <summary>Gets the number of parameters that training changes.</summary>
    public long TrainableParameters => Layers.Sum(l => l.TrainableParameters);

    /// <summary>Gets the number of parameters that training does not change: moving means and variances.</summary>
    public long NonTrainableParameters => TotalParameters - TrainableParameters;

    internal bool IsChain { get; }

    /// <summary>Returns the table in the style of Keras 2.</summary>
    public override string ToString() => ToString(SummaryStyle.Classic);

    /// <summary>Returns the table in the given style.</summary>
    /// <param name="style">The style of Keras 2 or of Keras 3.</param>
    public string ToString(SummaryStyle style) => style == SummaryStyle.Boxed ? Boxed() : Classic();

    // In Keras 2 columns end at fractions of the line. Text is truncated there, and a blank replaces its last character.
    private string Classic()
    {
        var (width, ends) = IsChain ? (65, new[] { .45, .85, 1.0 }) : (98, [.33, .55, .67, 1.0]);
        var columns = ends.Select(e => (int)(width * e)).ToArray();
        var text = new StringBuilder();
        text.Append("Model: \"").Append(ModelName).Append("\"\n").Append('_', width).Append('\n');
        Row("Layer (type)", "Output Shape", "Param #", "Connected to");
        text.Append('=', width).Append('\n');
        for (var i = 0; i < Layers.Count; i++)
        {
            var (layer, inbound) = (Layers[i], Layers[i].Inbound);
            Row($"{layer.Name} ({layer.Type})", Shape(layer), $"{layer.Parameters}", Connection(inbound, 0));
            for (var n = 1; n < inbound.Count && !IsChain; n++)
                Row("", "", "", Connection(inbound, n));
            text.Append(i == Layers.Count - 1 ? '=' : '_', width).Append('\n');
        }
        text.Append(CultureInfo.InvariantCulture, $"Total params: {TotalParameters:N0}\n");
        text.Append(CultureInfo.InvariantCulture, $"Trainable params: {TrainableParameters:N0}\n");
        text.Append(CultureInfo.InvariantCulture, $"Non-trainable params: {NonTrainableParameters:N0}\n");
        return text.Append('_', width).Append('\n').ToString();

        static string Connection(IReadOnlyList<string> inbound, int n) => n < inbound.Count ? $"{inbound[n]}[0][0]" : "";

        void Row(params ReadOnlySpan<string> cells)
        {
            var start = text.Length;
            for (var c = 0; c < columns.Length; c++)
            {
                if (c > 0)
                    text[^1] = ' ';
                text.Append(cells[c]);
                var used = Math.Min(text.Length - start, columns[c]);
                text.Length = start + used;
                text.Append(' ', columns[c] - used);
            }
            text.Append('\n');
        }
    }

    private string Boxed()
    {
        string[] columns = ["Layer (type)", "Output Shape", "Param #"];
        string[] titles = IsChain ? columns : [.. columns, "Connected to"];
        var rows = Layers.Select(l => new[]
        {
            $"{l.Name} ({l.Type})", Shape(l), l.Parameters.ToString("N0", CultureInfo.InvariantCulture),
            l.Inbound.Count == 0 ? "-" : string.Join(", ", l.Inbound.Select(i => $"{i}[0][0]")),
        }).ToList();
        var widths = titles.Select((t, c) => Math.Max(t.Length, rows.Max(r => r[c].Length)) + 2).ToArray();
        var text = new StringBuilder();
        text.Append("Model: \"").Append(ModelName).Append("\"\n");
        Rule('┏', '━', '┳', '┓');
        Row('┃', titles, header: true);
        Rule('┡', '━', '╇', '┩');
        for (var i = 0; i < rows.Count; i++)
        {
            if (i > 0)
                Rule('├', '─', '┼', '┤');
            Row('│', rows[i], header: false);
        }
        Rule('└', '─', '┴', '┘');
        Total("Total params", TotalParameters);
        Total("Trainable params", TrainableParameters);
        Total("Non-trainable params", NonTrainableParameters);
        return text.ToString();

        void Rule(char left, char line, char cross, char right)
        {
            text.Append(left);
            for (var c = 0; c < widths.Length; c++)
                text.Append(line, widths[c]).Append(c == widths.Length - 1 ? right : cross);
            text.Append('\n');
        }

        void Row(char bar, string[] cells, bool header)
        {
            text.Append(bar);
            for (var c = 0; c < widths.Length; c++)
            {
                // Keras 3 right-aligns numbers and their title.
                var cell = c == 2 ? cells[c].PadLeft(widths[c] - 2) : cells[c].PadRight(widths[c] - 2);
                text.Append(' ').Append(cell).Append(' ').Append(header ? '┃' : '│');
            }
            text.Append('\n');
        }

        void Total(string what, long count) =>
            text.Append(CultureInfo.InvariantCulture, $" {what}: {count:N0} ({Size(count * sizeof(float))})\n");

        static string Size(long bytes)
        {
            var (value, unit) = ((double)bytes, 0);
            string[] units = ["B", "KB", "MB", "GB", "TB"];
            for (; value >= 1024; unit++)
                value /= 1024;
            return string.Create(CultureInfo.InvariantCulture, $"{value:0.00} {units[unit]}");
        }
    }

    private static string Shape(LayerInfo layer) =>
        layer.OutputShape.Count == 0 ? "?" : $"(None, {string.Join(", ", layer.OutputShape)})";
}
