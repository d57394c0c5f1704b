using System.Globalization;
using Parquet;

namespace TransferKit.FeatureSets.Storage;

/// <summary>
/// Writes rows as Parquet. The bytes depend only on the rows and the metadata: groups have a fixed number of rows. Memory holds one group.
/// </summary>
internal sealed class RowWriter : IAsyncDisposable
{
    private readonly int[] _shape;
    private readonly string _stamp;
    private readonly int _rowLength;
    private readonly int _groupRows;
    private readonly ParquetWriter _parquet;
    private readonly List<string> _paths = [];
    private readonly List<int?> _widths = [];
    private readonly List<int?> _heights = [];
    private readonly List<string?> _hashes = [];
    private readonly List<long> _bytes = [];
    private readonly List<DateTime> _times = [];
    private readonly List<string?> _reasons = [];
    private readonly List<string?> _messages = [];
    private float[] _numbers = [];
    private int _withFeatures;
    private int[] _definitions = [];
    private int[] _repetitions = [];

    private RowWriter(int[] shape, string stamp, ParquetWriter parquet)
    {
        (_shape, _stamp, _parquet) = (shape, stamp, parquet);
        _rowLength = shape.Aggregate(1, (product, d) => checked(product * d));
        _groupRows = RowSchema.GroupRows(_rowLength);
    }

    /// <summary>Gets the numbers of files, rows and failures so far.</summary>
    public SetTotals Totals { get; private set; } = new(0, 0, 0);

    public static async Task<RowWriter> CreateAsync(Stream stream, int[] shape, string stamp, CancellationToken cancellationToken) =>
        new(shape, stamp, await ParquetWriter.CreateAsync(RowSchema.Schema, stream, RowSchema.Options, false, cancellationToken)
            .ConfigureAwait(false));

    public async ValueTask AddAsync(FeatureRow row, CancellationToken cancellationToken)
    {
        _paths.Add(row.Path);
        _widths.Add(row.File?.Size?.Width);
        _heights.Add(row.File?.Size?.Height);
        _hashes.Add(row.File?.Sha256);
        _bytes.Add(row.File?.Length ?? 0);
        _times.Add(RowSchema.Rounded(row.File?.Modified ?? default));
        _reasons.Add(row.IsSkipped ? ReasonCodes.Of(row.Reason) : null);
        _messages.Add(row.Error?.Message);
        if (!row.IsSkipped)
        {
            if (!row.Shape.SequenceEqual(_shape))
            {
                throw new ArgumentException(
                    $"The features of '{row.Path}' have the shape ({string.Join(", ", row.Shape)}), not ({string.Join(", ", _shape)}).",
                    nameof(row));
            }
            Reserve(_withFeatures + 1);
            row.Features.Span.CopyTo(_numbers.AsSpan(_withFeatures++ * _rowLength));
        }
        Totals += new SetTotals(1, row.IsSkipped ? 0 : 1, row.IsSkipped ? 1 : 0);
        if (_paths.Count == _groupRows)
            await WriteGroupAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes the rest and the footer.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        if (_paths.Count > 0)
            await WriteGroupAsync(cancellationToken).ConfigureAwait(false);
        _parquet.CustomMetadata = new Dictionary<string, string>
        {
            [RowSchema.ShapeKey] = string.Join(",", _shape),
            [RowSchema.StampKey] = _stamp,
            [RowSchema.FailuresKey] = Totals.Failures.ToString(CultureInfo.InvariantCulture),
        };
        await _parquet.DisposeAsync().ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _parquet.DisposeAsync();

    private void Reserve(int rows)
    {
        if (rows * _rowLength > _numbers.Length)
            Array.Resize(ref _numbers, Math.Min(Math.Max(rows, 2 * _withFeatures), _groupRows) * _rowLength);
    }

    private async Task WriteGroupAsync(CancellationToken cancellationToken)
    {
        using (var group = _parquet.CreateRowGroup())
        {
            await group.WriteAsync(RowSchema.Path, _paths).ConfigureAwait(false);
            await WriteFeaturesAsync(group, cancellationToken).ConfigureAwait(false);
            await group.WriteAsync<int>(RowSchema.Width, _widths.ToArray(), cancellationToken: cancellationToken).ConfigureAwait(false);
            await group.WriteAsync<int>(RowSchema.Height, _heights.ToArray(), cancellationToken: cancellationToken).ConfigureAwait(false);
            await group.WriteAsync(RowSchema.Sha256, _hashes!).ConfigureAwait(false);
            await group.WriteAsync<long>(RowSchema.Bytes, _bytes.ToArray(), cancellationToken: cancellationToken).ConfigureAwait(false);
            await group.WriteAsync<DateTime>(RowSchema.Modified, _times.ToArray(), cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            await group.WriteAsync(RowSchema.Reason, _reasons!).ConfigureAwait(false);
            await group.WriteAsync(RowSchema.Message, _messages!).ConfigureAwait(false);
            group.CompleteValidate();
        }
        Clear(_paths, _widths, _heights, _hashes, _bytes, _times, _reasons, _messages);
        _withFeatures = 0;
    }

    // A list of n numbers is n entries, the first of which begins the row. A row without features is one entry that is not defined.
    private Task WriteFeaturesAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken)
    {
        var entries = _paths.Count + _withFeatures * (_rowLength - 1);
        if (_definitions.Length < entries)
            (_definitions, _repetitions) = (new int[entries], new int[entries]);
        var at = 0;
        foreach (var reason in _reasons)
        {
            var length = reason is null ? _rowLength : 1;
            _definitions.AsSpan(at, length).Fill(reason is null ? RowSchema.Number.MaxDefinitionLevel : 0);
            _repetitions.AsSpan(at, length).Fill(1);
            _repetitions[at] = 0;
            at += length;
        }
        return group.WriteAllPartsAsync<float>(
            RowSchema.Number, _numbers.AsMemory(0, _withFeatures * _rowLength), _definitions.AsMemory(0, entries),
            _repetitions.AsMemory(0, entries), cancellationToken);
    }

    private static void Clear(params ReadOnlySpan<System.Collections.IList> columns)
    {
        foreach (var column in columns)
            column.Clear();
    }
}
