using TransferKit.FeatureSets.Storage;

namespace TransferKit.FeatureSets.Files;

/// <summary>Writes a <c>.parquet</c> file with the columns of a feature set's shards.</summary>
internal sealed class ParquetSink(string path) : FeatureSink(path, ".parquet")
{
    internal override bool TakesSkipped => true;

    private RowWriter? _rows;

    protected override async ValueTask WriteRowAsync(Stream stream, FeatureRow row, CancellationToken cancellationToken)
    {
        _rows ??= await RowWriter.CreateAsync(stream, [.. Shape], "", cancellationToken).ConfigureAwait(false);
        await _rows.AddAsync(row, cancellationToken).ConfigureAwait(false);
    }

    protected override async ValueTask WriteEndAsync(Stream stream, CancellationToken cancellationToken)
    {
        _rows ??= await RowWriter.CreateAsync(stream, [.. Shape], "", cancellationToken).ConfigureAwait(false);
        await _rows.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }
}
