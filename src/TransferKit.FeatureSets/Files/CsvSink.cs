using System.Globalization;
using System.Text;
using TransferKit.Features;
using TransferKit.FeatureSets.Storage;

namespace TransferKit.FeatureSets.Files;

/// <summary>Writes a <c>.csv</c> file: a line for each row, with a column for each feature.</summary>
internal sealed class CsvSink(string path) : FeatureSink(path, ".csv")
{
    internal override bool TakesSkipped => true;

    /// <summary>The columns before the features.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["path", "width", "height", "sha256", "bytes", "modified", "reason", "message"];

    private readonly StringBuilder _line = new();

    protected override void WriteStart(Stream stream)
    {
        foreach (var column in Columns)
            Add(column);
        for (var i = 0; i < Length; i++)
            Add(string.Create(CultureInfo.InvariantCulture, $"f{i}"));
        End(stream);
    }

    protected override ValueTask WriteRowAsync(Stream stream, FeatureRow row, CancellationToken cancellationToken)
    {
        var file = row.File;
        Add(row.Path);
        Add(file?.Size?.Width);
        Add(file?.Size?.Height);
        Add(file?.Sha256);
        Add(file?.Length);
        Add(file is { Modified.Ticks: > 0 } ? RowSchema.Rounded(file.Modified).ToString("O", CultureInfo.InvariantCulture) : null);
        Add(row.IsSkipped ? ReasonCodes.Of(row.Reason) : null);
        Add(row.Error?.Message);
        var features = row.Features.Span;
        for (var i = 0; i < Length; i++)
            Add(row.IsSkipped ? null : features[i]);
        End(stream);
        return ValueTask.CompletedTask;
    }

    private int Length => Shape.Aggregate(1, (product, d) => product * d);

    private void Add(object? value)
    {
        if (_line.Length > 0)
            _line.Append(',');
        var text = Convert.ToString(value, CultureInfo.InvariantCulture)!;
        // A line that began with nothing would hide that a field was added.
        _line.Append(_line.Length == 0 && text.Length == 0 ? "\"\"" : CsvLines.Field(text));
    }

    private void End(Stream stream)
    {
        stream.Write(Encoding.UTF8.GetBytes(_line.Append('\n').ToString()));
        _line.Clear();
    }
}
