using System.Globalization;
using System.Runtime.CompilerServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using TransferKit.Common;
using TransferKit.FeatureSets.Storage;

namespace TransferKit.FeatureSets.Files;

/// <summary>Reads an <c>.arrow</c> file that <see cref="ArrowSink"/> wrote.</summary>
internal sealed class ArrowFile : ScannedFile
{
    public ArrowFile(string path) : base(path)
    {
        Shape = Guard(() =>
        {
            using var file = InputFile.Open(path);
            using var reader = new ArrowFileReader(file);
            return reader.Schema.Metadata.GetValueOrDefault(RowSchema.ShapeKey, "").Split(',')
                .Select(d => int.Parse(d, NumberStyles.None, CultureInfo.InvariantCulture)).ToArray();
        });
    }

    public override IReadOnlyList<int> Shape { get; }

    public override async IAsyncEnumerable<FeatureRow> ReadAsync(
        bool reuseBuffer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var file = InputFile.Open(Path);
        using var reader = new ArrowFileReader(file);
        while (Guard(reader.ReadNextRecordBatch) is { } batch)
        {
            using (batch)
            {
                foreach (var row in Guard(() => RowsOf(batch)))
                    yield return row;
            }
        }
    }

    private FeatureRow[] RowsOf(RecordBatch batch)
    {
        var (paths, features) = ((StringArray)batch.Column("path"), (FixedSizeListArray)batch.Column("features"));
        var numbers = ((FloatArray)features.Values).Values;
        var length = Shape.Aggregate(1, (product, d) => checked(product * d));
        var (widths, heights) = ((Int32Array)batch.Column("width"), (Int32Array)batch.Column("height"));
        var (hashes, bytes) = ((StringArray)batch.Column("sha256"), (Int64Array)batch.Column("bytes"));
        var times = (TimestampArray)batch.Column("modified");
        var (reasons, messages) = ((StringArray)batch.Column("reason"), (StringArray)batch.Column("message"));
        var rows = new FeatureRow[batch.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = new RowDetails
            {
                Path = paths.GetString(i),
                Width = widths.GetValue(i),
                Height = heights.GetValue(i),
                Sha256 = hashes.GetString(i),
                Bytes = bytes.GetValue(i),
                Modified = times.GetTimestamp(i)?.UtcDateTime,
                Reason = reasons.GetString(i),
                Message = messages.GetString(i),
            }.ToRow(features.IsNull(i) ? null : numbers.Slice(i * length, length).ToArray(), Shape, why => Corrupt(why));
        }
        return rows;
    }

    // The library throws exceptions of many types on corrupt files.
    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (
            e is not (FeatureSetException or OutOfMemoryException or FileNotFoundException or DirectoryNotFoundException))
        {
            throw Corrupt(e.Message.TrimEnd('.'), e);
        }
    }
}
