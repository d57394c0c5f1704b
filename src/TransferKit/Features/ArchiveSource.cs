using TransferKit.Imaging;

namespace TransferKit.Features;

/// <summary>
/// Represents the pictures of an archive. Nothing is unpacked to the disk, so names of entries lead nowhere: they only name rows.
/// </summary>
internal abstract class ArchiveSource(string path) : ImageSource(path)
{
    private const int MostEntries = 50_000_000;

    private readonly Dictionary<string, (long Place, FileStamp Stamp)> _entries = new(StringComparer.Ordinal);

    /// <summary>Adds an entry, unless its name is hidden as in a folder.</summary>
    protected void Add(string name, long place, long length, DateTime modified)
    {
        if (name.Split('/', '\\').Any(part => part.StartsWith('.') && part is not ("." or "..")) || length < 0)
            return;
        if (_entries.Count == MostEntries)
            throw new ImageListException(Name, $"it has more than {MostEntries} entries. Divide it.");
        if (!_entries.TryAdd(name, (place, new(length, modified))))
            throw new ImageListException(Name, $"it holds '{name}' twice. Pack it again.");
    }

    /// <summary>Opens the content of an entry by the place that it was added with.</summary>
    protected abstract Stream Open(long place, long length);

    internal override IReadOnlyList<FolderEntry> List(string? except, bool withStamps)
    {
        if (_entries.Count == 0)
            throw NoImagesException.NoNames(Name);
        var list = _entries.Select(e => new FolderEntry(e.Key, Stamp: e.Value.Stamp)).ToArray();
        Array.Sort(list, (a, b) => string.CompareOrdinal(a.Path, b.Path));
        return list;
    }

    internal override EncodedFile Read(FolderEntry entry, ImageFitting images)
    {
        var (place, stamp) = _entries[entry.Path];
        try
        {
            using var stream = Open(place, stamp.Length);
            return images.Read(stream, entry.Path, stamp.Modified);
        }
        catch (InvalidDataException e)
        {
            throw new ImageDecodeException(ImageDecodeError.Corrupt, entry.Path, $"its entry in '{Name}' is damaged.", e);
        }
    }
}
