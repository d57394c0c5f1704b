using TransferKit.Common;
using TransferKit.Imaging;

namespace TransferKit.Training;

/// <summary>Lists the images of a folder with a sub-folder per class.</summary>
internal static class ClassFolders
{
    public static ImageFolder Read(string folder, IReadOnlyList<string>? wanted)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The folder '{Printable.Of(folder)}' does not exist.");
        var classes = wanted ?? ClassesOf(folder);
        var images = new List<LabelledImage>();
        foreach (var (name, place) in classes.Select((name, i) => (name, i)))
        {
            var own = Path.Combine(folder, name);
            var files = FilesOf(own);
            if (files.Length == 0)
            {
                throw new TrainingDataException(TrainingDataError.EmptyClass, folder,
                    $"the class '{Printable.Of(name)}' has no images. Put some into '{Printable.Of(own)}', or remove the folder.");
            }
            images.AddRange(files.Select(file => Labelled(own, file, place)));
        }
        return new(folder, classes, images);
    }

    private static LabelledImage Labelled(string folder, FolderEntry file, int place) =>
        new(Path.Combine(folder, file.Path.Replace('/', Path.DirectorySeparatorChar)), [place]) { Error = file.Error };

    // A class may be a link, as in Keras: links choose classes from a larger set without a copy.
    private static string[] ClassesOf(string folder)
    {
        var entries = new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(entry => entry.Name[0] != '.').ToArray();
        foreach (var entry in entries)
        {
            // A link that leads nowhere may have led to a class, and a model without that class would be wrong.
            if (entry.LinkTarget is not null && FileKinds.Of(entry.FullName) == FileKind.Absent)
                throw Unusable(entry, "is a link to something that does not exist. Mend it, or remove it");
            if (entry is DirectoryInfo && FolderListing.NameError(entry.FullName) is not null)
                throw Unusable(entry, "has a name that is not UTF-8, so it cannot be opened. Rename it");
        }
        return [.. entries.OfType<DirectoryInfo>().Select(entry => entry.Name).Order(StringComparer.Ordinal)];

        TrainingDataException Unusable(FileSystemInfo entry, string what) =>
            new(TrainingDataError.UnusableClass, folder, $"'{Printable.Of(entry.Name)}' {what}.");
    }

    private static FolderEntry[] FilesOf(string folder)
    {
        if (!Directory.Exists(folder))
            return [];
        try
        {
            return [.. FolderListing.Of(folder, recursive: true).Where(file => !IsThumbnails(file))];
        }
        catch (NoImagesException)
        {
            return [];
        }
    }

    // Windows hides its file of thumbnails, but a copy of the folder on another system shows it.
    private static bool IsThumbnails(FolderEntry file) =>
        Path.GetFileName(file.Path).Equals("Thumbs.db", StringComparison.OrdinalIgnoreCase);
}
