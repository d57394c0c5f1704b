using TransferKit.Common;
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

    /// <summary>Gets the files that a text names, one a line or each ended by a null character.</summary>
    /// <param name="names">The text, which is read once. The caller disposes it.</param>
    /// <param name="folder">The folder that relative names are in.</param>
    /// <param name="name">The name of the list for messages, such as its path.</param>
    /// <param name="nullSeparated">Whether null characters end the names, as with <c>find -print0</c>. Defaults to false.</param>
    public static ImageSource List(TextReader names, string folder, string name, bool nullSeparated = false)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new ListSource(name, folder, () => NameList.Read(names, nullSeparated ? '\0' : '\n', name));
    }

    /// <summary>Gets the files that a column of a CSV file names, each relative to the CSV file's folder.</summary>
    /// <param name="path">The path of the CSV file, whose first line names the columns.</param>
    /// <param name="column">The name of the column. Defaults to <c>path</c>.</param>
    public static ImageSource Csv(string path, string column = "path")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(column);
        return new ListSource(path, Path.GetDirectoryName(Path.GetFullPath(path))!, () => NameList.ReadCsv(path, column));
    }

    /// <summary>Gets the pictures of an uncompressed <c>.tar</c> file or of a <c>.zip</c> file. Nothing is unpacked to the disk.</summary>
    /// <param name="path">The path of the archive.</param>
    /// <exception cref="ImageListException">The archive is damaged, or holds a name twice.</exception>
    public static ImageSource Archive(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Path.GetExtension(path).Equals(".zip", StringComparison.OrdinalIgnoreCase) ? new ZipSource(path) : new TarSource(path);
    }

    /// <summary>
    /// Gets pictures from streams. They are copied into a temporary file first, because rows are in the order of the names.
    /// </summary>
    /// <param name="pictures">The pictures by name. Each stream is disposed after it was copied.</param>
    /// <param name="name">The name of the source for messages. Defaults to <c>streams</c>.</param>
    /// <param name="cancellationToken">Token to cancel the copying.</param>
    /// <exception cref="ImageListException">A name occurs twice.</exception>
    /// <exception cref="OutputFileException">The temporary folder is full or cannot be written.</exception>
    public static async Task<ImageSource> FromStreamsAsync(
        IAsyncEnumerable<(string Name, Stream Content)> pictures, string name = "streams", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return await StreamSource.CopyAsync(name, pictures, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Gets the pictures that a path names: a folder, a <c>.tar</c> or <c>.zip</c> archive, a <c>.csv</c> file with the column
    /// <c>path</c>, or a text file with a name on each line. Names in files are relative to the file's folder.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="recursive">Whether subfolders of a folder are read too. Defaults to false.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder or file.</exception>
    /// <exception cref="ImageListException">An archive is damaged, or holds a name twice.</exception>
    public static ImageSource Open(string path, bool recursive = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            return Folder(path, recursive);
        if (!File.Exists(path))
            throw new DirectoryNotFoundException($"The folder or file '{Printable.Of(path)}' does not exist.");
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".tar" or ".zip" => Archive(path),
            ".csv" => Csv(path),
            _ => new ListSource(path, Path.GetDirectoryName(Path.GetFullPath(path))!, () => NameList.ReadFile(path)),
        };
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
