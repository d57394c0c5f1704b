using System.Globalization;
using System.Runtime.CompilerServices;
using TransferKit.Common;
using TransferKit.Features;

namespace TransferKit.FeatureSets.Files;

/// <summary>Reads a <c>.csv</c> file that <see cref="CsvSink"/> wrote. Its features are flat.</summary>
internal sealed class CsvFile : ScannedFile
{
    private readonly int _first = CsvSink.Columns.Count;

    public CsvFile(string path) : base(path)
    {
        using var reader = new StreamReader(InputFile.Open(path));
        var header = Next(reader) ?? [];
        if (!header.Take(_first).SequenceEqual(CsvSink.Columns) || header.Count == _first)
            throw Corrupt($"its columns are not {string.Join(",", CsvSink.Columns)},f0,…");
        Shape = [header.Count - _first];
    }

    public override IReadOnlyList<int> Shape { get; }

    public override async IAsyncEnumerable<FeatureRow> ReadAsync(
        bool reuseBuffer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(InputFile.Open(Path));
        Next(reader);
        while (Next(reader) is { } fields)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return RowOf(fields);
        }
        await Task.CompletedTask.ConfigureAwait(false);
    }

    private FeatureRow RowOf(List<string> fields)
    {
        if (fields.Count != _first + Shape[0])
            throw Corrupt($"a line has {fields.Count} fields, not {_first + Shape[0]}");
        try
        {
            return new RowDetails
            {
                Path = fields[0],
                Width = Number(fields[1]) is { } width ? checked((int)width) : null,
                Height = Number(fields[2]) is { } height ? checked((int)height) : null,
                Sha256 = Text(fields[3]),
                Bytes = Number(fields[4]),
                Modified = fields[5].Length == 0
                    ? null : DateTime.Parse(fields[5], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
                Reason = Text(fields[6]),
                Message = Text(fields[7]),
            }.ToRow(fields[6].Length == 0 ? [.. fields.Skip(_first).Select(Feature)] : null, Shape, why => Corrupt(why));
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw Corrupt($"the line of '{fields[0]}': {e.Message.TrimEnd('.')}", e);
        }
    }

    private List<string>? Next(TextReader reader)
    {
        try
        {
            return CsvLines.Next(reader);
        }
        catch (FormatException e)
        {
            throw Corrupt(e.Message, e);
        }
    }

    private static string? Text(string field) => field.Length == 0 ? null : field;

    private static long? Number(string field) =>
        field.Length == 0 ? null : long.Parse(field, NumberStyles.None, CultureInfo.InvariantCulture);

    private static float Feature(string field) => float.Parse(field, NumberStyles.Float, CultureInfo.InvariantCulture);
}
