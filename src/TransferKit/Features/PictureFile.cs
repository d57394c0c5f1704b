using TransferKit.Imaging;

namespace TransferKit.Features;

/// <summary>Reads files that a folder or a list names.</summary>
internal static class PictureFile
{
    public static EncodedFile Read(string path, FileStamp? stamp, ImageFitting images) =>
        stamp is { Length: > 0 } || HasLength(path)
            ? images.Read(path)
            : throw ImageDecodeException.Empty(path, "the file is empty, a pipe or a device");

    // Opening a pipe blocks until another process writes to it, perhaps forever. Its length is 0 without opening it.
    private static bool HasLength(string path)
    {
        var file = new FileInfo(path);
        return (file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true)) is not FileInfo { Exists: true, Length: 0 };
    }
}
