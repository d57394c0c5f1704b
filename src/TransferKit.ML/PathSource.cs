using TransferKit.Imaging;

namespace TransferKit.ML;

/// <summary>Reads the files that rows of data name, as the rows come.</summary>
internal sealed class PathSource() : ImageSource("the column of paths")
{
    internal override IReadOnlyList<FolderEntry> List(string? except, bool withStamps) =>
        throw new NotSupportedException("The rows are read one after another.");

    internal override EncodedFile Read(FolderEntry entry, ImageFitting images) => images.ReadListed(entry.Path);
}
