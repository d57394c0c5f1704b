using System.ComponentModel;
using System.Globalization;
using TransferKit.Common;

namespace TransferKit;

/// <summary>
/// Represents the size to which a picture is resized before its centre is cut out, as networks of PyTorch and Hugging Face are fed:
/// torchvision's <c>Resize(256), CenterCrop(224)</c>. In a configuration it is <c>256</c> for the shorter side, or <c>256x256</c>.
/// </summary>
/// <example>
/// <code>
/// var images = new ImageLoadOptions { Interpolation = Interpolation.Bicubic, CropFrom = CropFrom.ShortestEdge(256) };
/// </code>
/// </example>
[TypeConverter(typeof(Converter))]
public sealed record CropFrom
{
    // A picture whose longer side would pass this is too thin: its centre would be a blur of a few pixels.
    private const int LongestSide = 1 << 24;

    private readonly int _shortestEdge;
    private readonly ImageSize? _size;

    private CropFrom(int shortestEdge, ImageSize? size) => (_shortestEdge, _size) = (shortestEdge, size);

    /// <summary>Resizes the shorter side to a length, and the longer one in proportion (Hugging Face: <c>shortest_edge</c>).</summary>
    /// <param name="length">The length of the shorter side in pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is less than 1.</exception>
    public static CropFrom ShortestEdge(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        return new(length, null);
    }

    /// <summary>Stretches both sides to a size (Hugging Face: <c>size</c> with <c>height</c> and <c>width</c>).</summary>
    /// <param name="size">The height and width in pixels.</param>
    public static CropFrom Size(ImageSize size) => new(0, size);

    /// <summary>Gets the smallest size that a picture has before its centre is cut out.</summary>
    internal ImageSize Smallest => _size ?? new(_shortestEdge, _shortestEdge);

    /// <summary>Returns the size of a whole picture after the resize; null if the picture is too thin for it.</summary>
    internal ImageSize? Resized(int width, int height)
    {
        if (_size is not null)
            return _size;
        // Hugging Face and torchvision truncate the quotient of the two numbers.
        var longer = (double)((long)_shortestEdge * Math.Max(width, height)) / Math.Min(width, height);
        if (longer > LongestSide)
            return null;
        return width <= height ? new((int)longer, _shortestEdge) : new(_shortestEdge, (int)longer);
    }

    /// <summary>Returns the size as options print it: <c>shortest edge 256</c> or <c>256x256</c>.</summary>
    public override string ToString() => _size?.ToString() ?? $"shortest edge {_shortestEdge}";

    private static CropFrom Parse(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? ShortestEdge(length)
            : Size(ImageSize.Parse(text));

    private sealed class Converter() : TextConverter<CropFrom>(Parse);
}
