using System.IO.Compression;
using TransferKit.Common;

namespace TransferKit.Features;

/// <summary>Reads the pictures of a zip file.</summary>
internal sealed class ZipSource : ArchiveSource
{
    // Pictures hardly shrink in a zip. What unpacks to much more is a bomb, and several threads would hold one each.
    private const long MostUnpacked = 64 << 20;
    private const int MostGrowth = 16;

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
        var entry = _zip.Entries[(int)place];
        if (length > MostUnpacked + MostGrowth * entry.CompressedLength)
        {
            throw new ImageDecodeException(
                ImageDecodeError.TooLarge, entry.FullName,
                $"{entry.CompressedLength} bytes of '{Name}' would be unpacked to {length}. Unpack the archive if you trust it.");
        }
        lock (_gate)
            return new Entry(entry.Open(), length, _gate);
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
