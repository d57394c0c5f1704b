using TransferKit.FeatureSets.Storage;

namespace TransferKit.FeatureSets.Files;

/// <summary>Writes a <c>.parquet</c> file with the columns of a feature set's shards.</summary>
internal sealed class ParquetSink(string path) : FileSink(path, ".parquet")
{
    private RowWriter? _rows;

    protected override async ValueTask WriteRowAsync(FeatureRow row, CancellationToken cancellationToken)
    {
        _rows ??= await RowWriter.CreateAsync(Stream, [.. Shape], "", cancellationToken).ConfigureAwait(false);
        await _rows.AddAsync(row, cancellationToken).ConfigureAwait(false);
    }

    protected override async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        _rows ??= await RowWriter.CreateAsync(Stream, [.. Shape], "", cancellationToken).ConfigureAwait(false);
        await _rows.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }
}
