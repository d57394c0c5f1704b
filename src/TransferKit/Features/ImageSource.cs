using TransferKit.Features;
using TransferKit.Imaging;

namespace TransferKit;

/// <summary>Represents pictures by their names: the files of a folder, of a list or of an archive, or streams.</summary>
public abstract class ImageSource : IDisposable
{
    private protected ImageSource(string name) => Name = name;

    /// <summary>Gets the name of the source for messages, such as the path of the folder.</summary>
    public string Name { get; }

    /// <summary>Gets the files of a folder. Hidden ones are left out, and links to folders are not followed.</summary>
    /// <param name="path">The path of the folder.</param>
    /// <param name="recursive">Whether subfolders are read too. Defaults to false.</param>
    public static ImageSource Folder(string path, bool recursive = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new FolderSource(path, recursive);
    }

    /// <summary>Lists the pictures in the ordinal order of their names, each name once.</summary>
    /// <param name="except">Path of an output that is left out, with all that it holds; null for none.</param>
    /// <param name="withStamps">Whether each picture gets a stamp of its length and time.</param>
    internal abstract IReadOnlyList<FolderEntry> List(string? except = null, bool withStamps = false);

    /// <summary>Reads a picture of the list. Several threads call it at once.</summary>
    internal abstract EncodedFile Read(FolderEntry entry, ImageFitting images);

    /// <summary>Closes the source.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what the source holds open.</summary>
    /// <param name="disposing">Whether the call comes from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Returns the <see cref="Name"/>.</summary>
    public override string ToString() => Name;
}
