using Apache.Arrow.Ipc;
using TransferKit.FeatureSets.Storage;

namespace TransferKit.FeatureSets.Files;

/// <summary>Writes an <c>.arrow</c> file (Arrow IPC) with the columns of a feature set's shards.</summary>
internal sealed class ArrowSink(string path) : FileSink(path, ".arrow")
{
    private ArrowColumns? _columns;
    private ArrowFileWriter? _arrow;

    protected override async ValueTask WriteRowAsync(FeatureRow row, CancellationToken cancellationToken)
    {
        Open();
        _columns!.Add(row);
        if (_columns.Rows == RowSchema.GroupRows(row.IsSkipped ? 1 : row.Features.Length))
            await WriteBatchAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        Open();
        if (_columns!.Rows > 0)
            await WriteBatchAsync(cancellationToken).ConfigureAwait(false);
        await _arrow!.WriteEndAsync(cancellationToken).ConfigureAwait(false);
        _arrow.Dispose();
    }

    private void Open()
    {
        _columns ??= new(Shape);
        if (_arrow is not null)
            return;
        _arrow = new(Stream, _columns.Schema, leaveOpen: true);
        _arrow.WriteStart();
    }

    private async Task WriteBatchAsync(CancellationToken cancellationToken)
    {
        using var batch = _columns!.Take();
        await _arrow!.WriteRecordBatchAsync(batch, cancellationToken).ConfigureAwait(false);
    }
}
