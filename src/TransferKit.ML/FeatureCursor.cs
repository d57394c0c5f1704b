using Microsoft.ML;
using Microsoft.ML.Data;

namespace TransferKit.ML;

/// <summary>
/// Reads rows of the input, and beside each its features. A second cursor over the input runs ahead, so that images can be decoded and run
/// in batches without a copy of the other columns.
/// </summary>
internal sealed class FeatureCursor(DataViewSchema schema, DataViewRowCursor rows, bool[] active, FeatureStream? features)
    : DataViewRowCursor
{
    private volatile bool _isDisposed;

    public override DataViewSchema Schema => schema;

    public override long Position => rows.Position;

    public override long Batch => rows.Batch;

    public override bool MoveNext()
    {
        if (features is null)
            return rows.MoveNext();
        var hasRow = features.MoveNext();
        // ML.NET may dispose a cursor while another of its threads still moves it.
        if (_isDisposed)
            return false;
        if (rows.MoveNext() == hasRow)
            return hasRow;
        return _isDisposed ? false : throw new InvalidOperationException(
            "Two passes over the data gave different numbers of rows, so features cannot be read ahead.");
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => rows.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!active[column.Index])
            throw new ArgumentException($"The column '{column.Name}' was not asked for when the cursor was made.", nameof(column));
        return column.Index < schema.Count - 1
            ? rows.GetGetter<TValue>(rows.Schema[column.Index])
            : FeatureGetter.Of<TValue>((ref VBuffer<float> values) => FeatureGetter.Copy(features!.Current, ref values));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _isDisposed = true;
            features?.Dispose();
            rows.Dispose();
        }
        base.Dispose(disposing);
    }
}
