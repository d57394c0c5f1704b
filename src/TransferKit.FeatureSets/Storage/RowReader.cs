using System.Globalization;
using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Schema;
using TransferKit.Common;
using TransferKit.Imaging;

namespace TransferKit.FeatureSets.Storage;

/// <summary>Represents a row of a shard without its features.</summary>
internal readonly record struct RowFact(string Path, FileStamp Stamp, SkipReason Reason);

/// <summary>Reads rows of Parquet files that <see cref="RowWriter"/> wrote. Memory holds one group of rows.</summary>
internal sealed class RowReader : IAsyncDisposable
{
    private const int MostRowLength = 1 << 28;

    private readonly string _path;
    private readonly ParquetReader _parquet;
    private readonly int _rowLength;
    private string[]? _paths;
    private (int Index, RowGroup Rows)? _lastGroup;

    private RowReader(string path, ParquetReader parquet)
    {
        (_path, _parquet) = (path, parquet);
        var metadata = parquet.CustomMetadata;
        Shape = ShapeOf(metadata.GetValueOrDefault(RowSchema.ShapeKey)) ?? throw Corrupt("it has no shape of features");
        Stamp = metadata.GetValueOrDefault(RowSchema.StampKey) ?? "";
        _rowLength = Shape.Aggregate(1, (product, d) => product * d);
        if (!parquet.Schema.Equals(RowSchema.Schema))
            throw Corrupt($"its columns are others: {RowSchema.Schema.GetNotEqualsMessage(parquet.Schema, "expected", "found")}");
        var files = parquet.Metadata!.NumRows;
        if (!long.TryParse(metadata.GetValueOrDefault(RowSchema.FailuresKey), CultureInfo.InvariantCulture, out var failures)
            || failures < 0 || failures > files)
        {
            throw Corrupt("it has no number of failures");
        }
        Totals = new(files, files - failures, failures);
    }

    public int[] Shape { get; }

    /// <summary>Gets the hash of the manifest that the file was written for.</summary>
    public string Stamp { get; }

    /// <summary>Gets the totals that the file states.</summary>
    public SetTotals Totals { get; }

    /// <exception cref="FeatureSetException">The file is missing, cut off or corrupt.</exception>
    public static async Task<RowReader> OpenAsync(string path, CancellationToken cancellationToken)
    {
        ParquetReader? parquet = null;
        try
        {
            var file = InputFile.Open(path, bufferSize: 1 << 16);
            try
            {
                parquet = await ParquetReader.CreateAsync(file, leaveStreamOpen: false, cancellationToken: cancellationToken)
                    .ConfigureAwait(false);
            }
            catch
            {
                await file.DisposeAsync().ConfigureAwait(false);
                throw;
            }
            return new(path, parquet);
        }
        catch (Exception e) when (IsOfParquet(e))
        {
            if (parquet is not null)
                await parquet.DisposeAsync().ConfigureAwait(false);
            throw e is FileNotFoundException or DirectoryNotFoundException
                ? new FeatureSetException(path, "the file is missing. The same extract command writes it again.", e)
                : Corrupt(path, e.Message, e);
        }
    }

    /// <summary>Reads all rows in their order.</summary>
    /// <param name="reuseBuffer">Whether a later row may overwrite the features of a row.</param>
    /// <param name="cancellationToken">Token to cancel reading.</param>
    public async IAsyncEnumerable<FeatureRow> ReadAsync(
        bool reuseBuffer, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var buffer = Array.Empty<float>();
        for (var i = 0; i < _parquet.RowGroupCount; i++)
        {
            var group = await ReadGroupAsync(i, reuseBuffer ? buffer : [], cancellationToken).ConfigureAwait(false);
            buffer = group.Numbers;
            for (var row = 0; row < group.Paths.Length; row++)
                yield return group.Row(row, Shape, _rowLength);
        }
    }

    /// <summary>Reads all rows without their features.</summary>
    public async IAsyncEnumerable<RowFact> ReadFactsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // A set of a million rows is read beside as many names in memory, so all groups share the arrays.
        var facts = new Facts((int)Math.Min(RowSchema.GroupRows(_rowLength), Totals.Files));
        for (var i = 0; i < _parquet.RowGroupCount; i++)
        {
            var rows = await GuardAsync(() => ReadFactsAsync(i, facts, cancellationToken)).ConfigureAwait(false);
            for (var row = 0; row < rows; row++)
            {
                var stamp = new FileStamp(facts.Bytes[row], Utc(facts.Times[row]));
                yield return new(PathAt(facts.Paths, row), stamp, ReasonAt(facts.Reasons, row));
            }
        }
    }

    /// <summary>Finds the row of a path by binary search; returns null if there is none. The paths stay in memory.</summary>
    public async Task<FeatureRow?> FindAsync(string path, CancellationToken cancellationToken)
    {
        if (_paths is null)
        {
            var paths = new List<string>();
            await foreach (var row in ReadFactsAsync(cancellationToken).ConfigureAwait(false))
                paths.Add(row.Path);
            _paths = [.. paths];
        }
        var index = Array.BinarySearch(_paths, path, StringComparer.Ordinal);
        if (index < 0)
            return null;
        var (group, at) = Math.DivRem(index, RowSchema.GroupRows(_rowLength));
        if (_lastGroup?.Index != group)
            _lastGroup = (group, await ReadGroupAsync(group, [], cancellationToken).ConfigureAwait(false));
        return _lastGroup.Value.Rows.Row(at, Shape, _rowLength);
    }

    public ValueTask DisposeAsync() => _parquet.DisposeAsync();

    private async Task<int> ReadFactsAsync(int index, Facts facts, CancellationToken cancellationToken)
    {
        using var group = _parquet.OpenRowGroupReader(index);
        var rows = RowsOf(group);
        await ReadAsync(group, RowSchema.Path, facts.Paths.AsMemory(0, rows), cancellationToken).ConfigureAwait(false);
        await group.ReadAsync<long>(RowSchema.Bytes, facts.Bytes.AsMemory(0, rows), null, cancellationToken).ConfigureAwait(false);
        await group.ReadAsync<DateTime>(RowSchema.Modified, facts.Times.AsMemory(0, rows), null, cancellationToken).ConfigureAwait(false);
        await ReadAsync(group, RowSchema.Reason, facts.Reasons.AsMemory(0, rows), cancellationToken).ConfigureAwait(false);
        return rows;
    }

    private Task<RowGroup> ReadGroupAsync(int index, float[] buffer, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        using var group = _parquet.OpenRowGroupReader(index);
        var rows = RowsOf(group);
        var paths = await StringsAsync(group, RowSchema.Path, rows, cancellationToken).ConfigureAwait(false);
        var reasons = await StringsAsync(group, RowSchema.Reason, rows, cancellationToken).ConfigureAwait(false);
        var withFeatures = reasons.Count(r => r is null);
        var length = checked(withFeatures * _rowLength);
        var entries = checked(length + rows - withFeatures);
        // The library asks for room for the rows without numbers too.
        var numbers = buffer.Length >= entries ? buffer : new float[entries];
        var (definitions, repetitions) = (new int[entries], new int[entries]);
        if (group.GetMetadata(RowSchema.Number)?.MetaData?.NumValues != entries)
            throw Corrupt($"the features of its row group {index} have another number of values than its rows need");
        await group.ReadRawAsync<float>(RowSchema.Number, numbers.AsMemory(0, entries), definitions, repetitions, cancellationToken)
            .ConfigureAwait(false);
        CheckLevels(definitions, repetitions, reasons, index);
        var (widths, heights) = (new int?[rows], new int?[rows]);
        await group.ReadAsync<int>(RowSchema.Width, widths.AsMemory(), null, cancellationToken).ConfigureAwait(false);
        await group.ReadAsync<int>(RowSchema.Height, heights.AsMemory(), null, cancellationToken).ConfigureAwait(false);
        var hashes = await StringsAsync(group, RowSchema.Sha256, rows, cancellationToken).ConfigureAwait(false);
        var bytes = new long[rows];
        await group.ReadAsync<long>(RowSchema.Bytes, bytes.AsMemory(), null, cancellationToken).ConfigureAwait(false);
        var times = new DateTime[rows];
        await group.ReadAsync<DateTime>(RowSchema.Modified, times.AsMemory(), null, cancellationToken).ConfigureAwait(false);
        var messages = await StringsAsync(group, RowSchema.Message, rows, cancellationToken).ConfigureAwait(false);
        var details = new ImageFileDetails[rows];
        var errors = new RecordedErrorException?[rows];
        for (var i = 0; i < rows; i++)
        {
            PathAt(paths, i);
            details[i] = new()
            {
                Length = bytes[i],
                Modified = Utc(times[i]),
                Size = widths[i] is { } width && heights[i] is { } height ? new(height, width) : null,
                Sha256 = hashes[i],
            };
            if (reasons[i] is not null)
                errors[i] = new(ReasonAt(reasons, i), messages[i] ?? "");
        }
        return new RowGroup(paths!, numbers, details, errors);
    });

    private void CheckLevels(int[] definitions, int[] repetitions, string?[] reasons, int index)
    {
        var at = 0;
        foreach (var reason in reasons)
        {
            var length = reason is null ? _rowLength : 1;
            if (repetitions[at] != 0 || repetitions.AsSpan(at + 1, length - 1).ContainsAnyExcept(1)
                || definitions.AsSpan(at, length).ContainsAnyExcept(reason is null ? RowSchema.Number.MaxDefinitionLevel : 0))
            {
                throw Corrupt($"a row of its row group {index} has another number of features than the shape says");
            }
            at += length;
        }
    }

    private int RowsOf(ParquetRowGroupReader group)
    {
        // The writer's groups have a fixed size, so that a false count cannot ask for much memory.
        var rows = group.RowCount;
        return rows >= 1 && rows <= RowSchema.GroupRows(_rowLength) ? (int)rows : throw Corrupt($"a row group has {rows} rows");
    }

    private static async Task<string?[]> StringsAsync(
        ParquetRowGroupReader group, DataField field, int rows, CancellationToken cancellationToken)
    {
        var values = new string?[rows];
        await ReadAsync(group, field, values, cancellationToken).ConfigureAwait(false);
        return values;
    }

    private static ValueTask ReadAsync(
        ParquetRowGroupReader group, DataField field, Memory<string?> values, CancellationToken cancellationToken) =>
        group.ReadAsync(field, values!, null, cancellationToken);

    private string PathAt(string?[] paths, int row) => paths[row] is { Length: > 0 } path ? path : throw Corrupt("a row has no path");

    private SkipReason ReasonAt(string?[] reasons, int row) => reasons[row] is not { } code ? SkipReason.None
        : ReasonCodes.Parse(code) ?? throw Corrupt($"the reason '{code}' is unknown");

    private static DateTime Utc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);

    private static int[]? ShapeOf(string? text)
    {
        if (text is null)
            return null;
        var (shape, length) = (new List<int>(), 1L);
        foreach (var part in text.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var d) || d < 1 || (length *= d) > MostRowLength)
                return null;
            shape.Add(d);
        }
        return [.. shape];
    }

    // Parquet.Net throws exceptions of many types on corrupt files.
    private static bool IsOfParquet(Exception e) => e is not (OperationCanceledException or OutOfMemoryException or FeatureSetException);

    private async Task<T> GuardAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfParquet(e))
        {
            throw Corrupt(_path, e.Message, e);
        }
    }

    private FeatureSetException Corrupt(string why) => Corrupt(_path, why, null);

    private static FeatureSetException Corrupt(string path, string why, Exception? e) => new(
        path, $"the file is corrupt ({why.TrimEnd('.')}). Delete it; the same extract command then writes it again.", e);

    /// <summary>Holds columns of one group of rows.</summary>
    private sealed class Facts(int rows)
    {
        public string?[] Paths { get; } = new string?[rows];

        public long[] Bytes { get; } = new long[rows];

        public DateTime[] Times { get; } = new DateTime[rows];

        public string?[] Reasons { get; } = new string?[rows];
    }

    private sealed record RowGroup(string[] Paths, float[] Numbers, ImageFileDetails[] Details, RecordedErrorException?[] Errors)
    {
        // Rows without features have no numbers, so places are counted over the rows before.
        private readonly int[] _places = Places(Errors);

        public FeatureRow Row(int row, int[] shape, int rowLength) => Errors[row] is { } error
            ? FeatureRow.Skipped(Paths[row], error, Details[row])
            : FeatureRow.Of(Paths[row], Numbers.AsMemory(_places[row] * rowLength, rowLength), shape, Details[row]);

        private static int[] Places(RecordedErrorException?[] errors)
        {
            var (places, next) = (new int[errors.Length], 0);
            for (var i = 0; i < places.Length; i++)
                places[i] = errors[i] is null ? next++ : -1;
            return places;
        }
    }
}
