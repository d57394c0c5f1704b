using System.IO.Compression;
using TransferKit.Common;

namespace TransferKit.Features;

/// <summary>Reads the pictures of a zip file.</summary>
internal sealed class ZipSource : ArchiveSource
{
    private readonly ZipArchive _zip;
    private readonly Lock _gate = new();

    public ZipSource(string path) : base(path)
    {
        try
        {
            _zip = new(InputFile.Open(path), ZipArchiveMode.Read);
            for (var i = 0; i < _zip.Entries.Count; i++)
            {
                var entry = _zip.Entries[i];
                if (!entry.FullName.EndsWith('/'))
                    Add(entry.FullName, i, entry.Length, entry.LastWriteTime.DateTime);
            }
        }
        catch (InvalidDataException e)
        {
            throw new ImageListException(path, $"it is no zip file, or damaged ({e.Message.TrimEnd('.')}).", e);
        }
    }

    protected override Stream Open(long place, long length)
    {
        lock (_gate)
            return new Entry(_zip.Entries[(int)place].Open(), length, _gate);
    }

    protected override void Dispose(bool disposing)
    {
        _zip.Dispose();
        base.Dispose(disposing);
    }

    // Entries share the position of one file. Pictures hardly shrink in a zip, so unpacking is fast compared with decoding.
    private sealed class Entry(Stream content, long length, Lock gate) : ReadStream
    {
        private long _read;

        public override int Read(Span<byte> buffer)
        {
            lock (gate)
            {
                var read = content.Read(buffer);
                _read += read;
                // A bomb states a small length and grows while it is unpacked.
                return _read <= length ? read : throw new InvalidDataException("The entry is longer than its header says.");
            }
        }

        protected override void Dispose(bool disposing)
        {
            lock (gate)
                content.Dispose();
            base.Dispose(disposing);
        }
    }
}
