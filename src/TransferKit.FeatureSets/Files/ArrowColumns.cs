using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using TransferKit.FeatureSets.Storage;

namespace TransferKit.FeatureSets.Files;

/// <summary>Collects rows as the columns of an Arrow record batch.</summary>
internal sealed class ArrowColumns
{
    private readonly int _rowLength;
    private readonly StringArray.Builder _paths = new();
    private readonly List<float> _numbers = [];
    private readonly ArrowBuffer.BitmapBuilder _hasFeatures = new();
    private readonly Int32Array.Builder _widths = new();
    private readonly Int32Array.Builder _heights = new();
    private readonly StringArray.Builder _hashes = new();
    private readonly Int64Array.Builder _bytes = new();
    private readonly TimestampArray.Builder _times = new(Time);
    private readonly StringArray.Builder _reasons = new();
    private readonly StringArray.Builder _messages = new();

    public ArrowColumns(IReadOnlyList<int> shape)
    {
        _rowLength = shape.Aggregate(1, (product, d) => product * d);
        Schema = SchemaOf(_rowLength, string.Join(",", shape));
    }

    public Schema Schema { get; }

    public int Rows { get; private set; }

    private static TimestampType Time { get; } = new(TimeUnit.Microsecond, "UTC");

    public void Add(FeatureRow row)
    {
        _paths.Append(row.Path);
        _hasFeatures.Append(!row.IsSkipped);
        if (row.IsSkipped)
            _numbers.AddRange(new float[_rowLength]);
        else
            _numbers.AddRange(row.Features.Span);
        Append(_widths, row.File?.Size?.Width);
        Append(_heights, row.File?.Size?.Height);
        Append(_hashes, row.File?.Sha256);
        _bytes.Append(row.File?.Length ?? 0);
        _times.Append(new DateTimeOffset(RowSchema.Rounded(row.File?.Modified ?? default)));
        Append(_reasons, row.IsSkipped ? ReasonCodes.Of(row.Reason) : null);
        Append(_messages, row.Error?.Message);
        Rows++;
    }

    /// <summary>Returns the rows as a batch, and begins the next.</summary>
    public RecordBatch Take()
    {
        var numbers = new ArrowBuffer.Builder<float>(_numbers.Count)
            .Append(CollectionsMarshal.AsSpan(_numbers)).Build();
        var features = new FixedSizeListArray(
            Schema.GetFieldByName("features").DataType, Rows, new FloatArray(numbers, ArrowBuffer.Empty, _numbers.Count, 0, 0),
            _hasFeatures.Build(), _hasFeatures.UnsetBitCount);
        var batch = new RecordBatch(
            Schema,
            [
                _paths.Build(), features, _widths.Build(), _heights.Build(), _hashes.Build(), _bytes.Build(), _times.Build(),
                _reasons.Build(), _messages.Build(),
            ],
            Rows);
        _numbers.Clear();
        _hasFeatures.Clear();
        foreach (var strings in new[] { _paths, _hashes, _reasons, _messages })
            strings.Clear();
        _widths.Clear();
        _heights.Clear();
        _bytes.Clear();
        _times.Clear();
        Rows = 0;
        return batch;
    }

    private static Schema SchemaOf(int rowLength, string shape)
    {
        var list = new FixedSizeListType(new Field("element", FloatType.Default, nullable: false), rowLength);
        return new(
            [
                new("path", StringType.Default, false), new("features", list, true),
                new("width", Int32Type.Default, true), new("height", Int32Type.Default, true), new("sha256", StringType.Default, true),
                new("bytes", Int64Type.Default, false), new("modified", Time, false), new("reason", StringType.Default, true),
                new("message", StringType.Default, true),
            ],
            new Dictionary<string, string> { [RowSchema.ShapeKey] = shape });
    }

    private static void Append(Int32Array.Builder column, int? value)
    {
        if (value is { } number)
            column.Append(number);
        else
            column.AppendNull();
    }

    private static void Append(StringArray.Builder column, string? value)
    {
        if (value is not null)
            column.Append(value);
        else
            column.AppendNull();
    }
}
