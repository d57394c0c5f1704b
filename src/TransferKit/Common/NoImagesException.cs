namespace TransferKit;

/// <summary>Thrown when a folder has no files, or no readable image although at least one is required.</summary>
public sealed class NoImagesException : TransferKitException
{
    private NoImagesException(string message, string folder) : base(message) => Folder = folder;

    /// <summary>Gets the folder.</summary>
    public string Folder { get; }

    internal static NoImagesException NoFiles(string folder, bool recursive) =>
        new($"The folder '{folder}' holds no files{(recursive ? "" : "; folders below it count only when recursive")}.", folder);

    internal static NoImagesException NoNames(string source) => new($"'{source}' names no files.", source);

    internal static NoImagesException NoneReadable(string folder) => new(
        $"None of the files in '{folder}' is a readable image. "
        + "Name a folder of pictures like those that the backbone will see, a hundred or so.", folder);
}
