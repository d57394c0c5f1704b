using TransferKit.Imaging;

namespace TransferKit.Features;

/// <summary>Reads the files of a folder.</summary>
internal sealed class FolderSource(string path, bool recursive) : ImageSource(path)
{
    internal override IReadOnlyList<FolderEntry> List(string? except, bool withStamps) =>
        FolderListing.Of(Name, recursive, except, withStamps);

    internal override EncodedFile Read(FolderEntry entry, ImageFitting images) =>
        images.ReadListed(Path.Combine(Name, entry.Path));
}
