using System.Collections.Concurrent;
using TransferKit.Imaging;

namespace TransferKit.Training;

/// <summary>
/// Images of a data set at a model's size: decoded and resized by the core, and kept as bytes as far as memory is granted,
/// so that later epochs decode nothing. Threads may read at once.
/// </summary>
internal sealed class ImageReader(ImageFolder folder, ImageLoadOptions options, ImageSize size, OnError unreadable, long cacheBytes)
{
    private readonly ImageFitting _fitting = options.FittingTo(size);
    private readonly byte[]?[] _kept = new byte[folder.Images.Count][];
    private readonly ConcurrentDictionary<int, Exception> _unreadable = [];
    private long _free = cacheBytes;

    public ImageFolder Folder => folder;
    public ImageSize Size => size;

    /// <summary>The files that were left out so far, and why.</summary>
    public IReadOnlyDictionary<string, Exception> Unreadable => _unreadable.OrderBy(u => u.Key).ToDictionary(u => folder.Images[u.Key].Path, u => u.Value);

    /// <summary>h, w, RGB; null for a file that is left out.</summary>
    public byte[]? Read(int image, CancellationToken cancellationToken = default)
    {
        if (_kept[image] is { } kept)
            return kept;
        if (_unreadable.ContainsKey(image))
            return null;
        try
        {
            var pixels = _fitting.Load(folder.Images[image].Path, cancellationToken);
            if (Interlocked.Add(ref _free, -pixels.Length) >= 0)
                _kept[image] = pixels;
            return pixels;
        }
        catch (Exception e) when (unreadable == OnError.Skip && e is ImageDecodeException or IOException or UnauthorizedAccessException)
        {
            _unreadable[image] = e;
            return null;
        }
    }
}
