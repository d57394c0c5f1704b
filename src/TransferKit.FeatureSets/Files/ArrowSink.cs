using Apache.Arrow.Ipc;
using TransferKit.FeatureSets.Storage;

namespace TransferKit.FeatureSets.Files;

/// <summary>Writes an <c>.arrow</c> file (Arrow IPC) with the columns of a feature set's shards.</summary>
internal sealed class ArrowSink(string path) : FeatureSink(path, ".arrow")
{
    internal override bool TakesSkipped => true;

    private ArrowColumns? _columns;
    private ArrowFileWriter? _arrow;

    protected override async ValueTask WriteRowAsync(Stream stream, FeatureRow row, CancellationToken cancellationToken)
    {
        _columns!.Add(row);
        if (_columns.Rows == RowSchema.GroupRows(row.IsSkipped ? 1 : row.Features.Length))
            await WriteBatchAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async ValueTask WriteEndAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (_columns!.Rows > 0)
            await WriteBatchAsync(cancellationToken).ConfigureAwait(false);
        await _arrow!.WriteEndAsync(cancellationToken).ConfigureAwait(false);
        _arrow.Dispose();
    }

    protected override void WriteStart(Stream stream)
    {
        _columns = new(Shape);
        _arrow = new(stream, _columns.Schema, leaveOpen: true);
        _arrow.WriteStart();
    }

    private async Task WriteBatchAsync(CancellationToken cancellationToken)
    {
        using var batch = _columns!.Take();
        await _arrow!.WriteRecordBatchAsync(batch, cancellationToken).ConfigureAwait(false);
    }
}
