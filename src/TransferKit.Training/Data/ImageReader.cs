using System.Collections.Concurrent;
using TransferKit.Imaging;

namespace TransferKit.Training;

/// <summary>
/// Decodes the images of a data set, resizes them to a model's size and caches the pixels up to a limit of memory. The
/// reader is thread-safe.
/// </summary>
internal sealed class ImageReader(ImageFolder folder, ImageLoadOptions options, ImageSize size, OnError unreadable, long cacheBytes)
{
    private readonly ImageFitting _fitting = options.FittingTo(size);
    private readonly byte[]?[] _cache = new byte[folder.Images.Count][];
    private readonly ConcurrentDictionary<int, Exception> _unreadable = [];
    private long _free = cacheBytes;

    public ImageFolder Folder => folder;
    public ImageSize Size => size;

    /// <summary>Gets the errors of the files that were skipped so far, by path.</summary>
    public IReadOnlyDictionary<string, Exception> Unreadable =>
        _unreadable.OrderBy(u => u.Key).ToDictionary(u => folder.Images[u.Key].Path, u => u.Value);

    /// <summary>Reads an image as floats (h, w, RGB) from 0 to 255. Returns null for a skipped file.</summary>
    public FloatImage? Read(int image, CancellationToken cancellationToken = default)
    {
        if (ReadPixels(image, cancellationToken) is not { } pixels)
            return null;
        var floats = GC.AllocateUninitializedArray<float>(size.Height * size.Width * 3);
        _fitting.CopyTo(pixels, floats);
        return new(size.Height, size.Width, floats);
    }

    private byte[]? ReadPixels(int image, CancellationToken cancellationToken)
    {
        if (_cache[image] is { } cached)
            return cached;
        if (_unreadable.ContainsKey(image))
            return null;
        try
        {
            if (folder.Images[image].Error is { } error)
                throw error;
            var pixels = _fitting.LoadListed(folder.Images[image].Path, cancellationToken);
            if (Interlocked.Add(ref _free, -pixels.Length) >= 0)
                _cache[image] = pixels;
            return pixels;
        }
        catch (Exception e) when (unreadable == OnError.Skip && e is ImageDecodeException or IOException or UnauthorizedAccessException)
        {
            _unreadable[image] = e;
            return null;
        }
    }
}
