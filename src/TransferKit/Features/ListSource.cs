using TransferKit.Imaging;

namespace TransferKit.Features;

/// <summary>Reads the files that a list names, each relative to a folder.</summary>
/// <param name="name">Name of the list for messages.</param>
/// <param name="folder">The folder of relative names.</param>
/// <param name="read">Reads the names, which may stand on a pipe and are read once.</param>
internal sealed class ListSource(string name, string folder, Func<IEnumerable<string>> read) : ImageSource(name)
{
    private const int MostNames = 50_000_000;

    private readonly Lazy<string[]> _names = new(() => Sorted(name, read()));

    internal override IReadOnlyList<FolderEntry> List(string? except, bool withStamps)
    {
        // An absent file is a row of its own: the caller named it.
        var entries = Array.ConvertAll(_names.Value, path => new FolderEntry(path, Stamp: StampOf(path, withStamps)));
        return entries.Length > 0 ? entries : throw NoImagesException.NoNames(Name);
    }

    internal override EncodedFile Read(FolderEntry entry, ImageFitting images) =>
        images.ReadListed(Path.Combine(folder, entry.Path));

    private FileStamp? StampOf(string path, bool withStamps) =>
        withStamps ? FolderListing.StampOf(new FileInfo(Path.Combine(folder, path))) : null;

    private static string[] Sorted(string list, IEnumerable<string> names)
    {
        var sorted = names.Where(n => n.Length > 0).Select(n => n.Replace(Path.DirectorySeparatorChar, '/')).Take(MostNames + 1).ToArray();
        if (sorted.Length > MostNames)
            throw new ImageListException(list, $"it names more than {MostNames} files. Divide it.");
        Array.Sort(sorted, StringComparer.Ordinal);
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i] == sorted[i - 1])
                throw new ImageListException(list, $"it names '{sorted[i]}' twice. Name each file once.");
        }
        return sorted;
    }
}
