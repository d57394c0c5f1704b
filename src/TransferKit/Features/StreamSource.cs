using TransferKit.Common;

namespace TransferKit.Features;

/// <summary>
/// Holds the content of streams in one temporary file. Rows are in the order of names, so all names must be known before the first row.
/// </summary>
internal sealed class StreamSource : ArchiveSource
{
    private readonly FileStream _spool;

    private StreamSource(string name, FileStream spool) : base(name) => _spool = spool;

    public static async Task<StreamSource> CopyAsync(
        string name, IAsyncEnumerable<(string Name, Stream Content)> pictures, CancellationToken cancellationToken)
    {
        var path = TemporaryFolder.NewFile("pictures");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose,
        };
        var source = new StreamSource(name, OutputFileException.Wrapping(path, () => new FileStream(path, options)));
        try
        {
            await foreach (var (picture, content) in pictures.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                await using (content.ConfigureAwait(false))
                {
                    var place = source._spool.Position;
                    await content.CopyToAsync(source._spool, cancellationToken).ConfigureAwait(false);
                    source.Add(picture, place, source._spool.Position - place, default);
                }
            }
            await source._spool.FlushAsync(cancellationToken).ConfigureAwait(false);
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    protected override Stream Open(long place, long length) => new FileSection(_spool.SafeFileHandle, place, length);

    protected override void Dispose(bool disposing)
    {
        _spool.Dispose();
        base.Dispose(disposing);
    }
}
