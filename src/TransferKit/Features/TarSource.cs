using System.Formats.Tar;
using Microsoft.Win32.SafeHandles;
using TransferKit.Common;

namespace TransferKit.Features;

/// <summary>Reads the pictures of an uncompressed tar file, such as a shard of webdataset.</summary>
internal sealed class TarSource : ArchiveSource
{
    private readonly SafeFileHandle _file;

    public TarSource(string path) : base(path)
    {
        InputFile.ThrowIfSpecial(path);
        _file = File.OpenHandle(path, options: FileOptions.RandomAccess);
        try
        {
            using var stream = InputFile.Open(path);
            using var tar = new TarReader(stream);
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile)
                    Add(entry.Name, entry.DataOffset, entry.Length, entry.ModificationTime.UtcDateTime);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException)
        {
            _file.Dispose();
            throw new ImageListException(path, $"it is no tar file, or damaged ({e.Message.TrimEnd('.')}). Unpack .tar.gz files first.", e);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    protected override Stream Open(long place, long length) => new FileSection(_file, place, length);

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        base.Dispose(disposing);
    }
}
