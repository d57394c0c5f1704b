using Microsoft.ML;

namespace TransferKit.ML;

/// <summary>Represents data with a column of features, which is computed when a cursor reads it.</summary>
internal sealed class FeatureView(FeatureTransformer transformer, IDataView input, DataViewSchema schema) : IDataView
{
    /// <summary>Gets false: features are read ahead in the order of the rows.</summary>
    public bool CanShuffle => false;

    public DataViewSchema Schema => schema;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = new bool[schema.Count];
        foreach (var column in columnsNeeded)
            active[column.Index] = true;
        var rows = input.GetRowCursor(input.Schema.Where(c => active[c.Index]));
        try
        {
            return new FeatureCursor(schema, rows, active, active[^1] ? FeatureStream.Of(transformer, input) : null);
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    // All cores work for one cursor already.
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
