using TransferKit.Common;
using TransferKit.Imaging.Pictures;
using TransferKit.Imaging.Resizing;

namespace TransferKit;

/// <summary>Represents a picture as plain pixels: rows from the top, three bytes (red, green, blue) a pixel, no padding.</summary>
/// <remarks>
/// TransferKit never writes to the pixels of an image. An image may be shared between threads if its owner does not write to them either.
/// </remarks>
public sealed class RgbImage
{
    private byte[]? _rented;

    private RgbImage(int width, int height, ReadOnlyMemory<byte> pixels)
    {
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Gets the number of pixels in a row; at least 1.</summary>
    public int Width { get; }

    /// <summary>Gets the number of rows; at least 1.</summary>
    public int Height { get; }

    /// <summary>Gets the bytes, <c>(height, width, 3)</c> row-major, red first, 0 to 255.</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>Wraps RGB24 pixels from any source, such as ImageSharp, System.Drawing or a camera.</summary>
    /// <param name="width">Number of pixels in a row.</param>
    /// <param name="height">Number of rows.</param>
    /// <param name="pixels">Bytes of the picture, <c>(height, width, 3)</c> row-major, red first. They are not copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is less than 1.</exception>
    /// <exception cref="ArgumentException">The number of bytes is not width x height x 3.</exception>
    public static RgbImage FromRgb24(int width, int height, ReadOnlyMemory<byte> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        var expected = (long)width * height * 3;
        if (pixels.Length != expected)
        {
            throw new ArgumentException(
                $"An RGB24 image of {width} x {height} takes {expected} bytes, but {pixels.Length} were given. "
                + "Rows must not be padded, and each pixel is red, green, blue.",
                nameof(pixels));
        }
        return new RgbImage(width, height, pixels);
    }

    /// <summary>Resizes the picture, with the same bytes as Pillow's <c>Image.resize</c>.</summary>
    /// <param name="width">Number of pixels in a row of the result.</param>
    /// <param name="height">Number of rows of the result.</param>
    /// <param name="filter">Resampling filter.</param>
    /// <returns>A new image, or this one if it already has that size.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A side is less than 1, the filter is unknown, or the result or the working memory would pass 2 GB.
    /// </exception>
    public RgbImage Resize(int width, int height, Interpolation filter) => Resize(width, height, filter, DecodeWatch.For(default));

    internal RgbImage Resize(int width, int height, Interpolation filter, in DecodeWatch watch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height * 3, Array.MaxLength, nameof(width));
        ResizeTarget.CheckFilter(filter);
        if (width == Width && height == Height)
        {
            return this;
        }
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            Resizer.WorkingBytes(Width, Height, width, height, filter), Array.MaxLength, nameof(width));
        using var resizer = Resizer.Create(Width, Height, width, height, filter);
        var resized = Create(width, height, isPooled: false, out var pixels);
        Resize(resizer, pixels, in watch);
        return resized;
    }

    /// <summary>Resizes the picture into the caller's memory; copies it if it already has that size.</summary>
    /// <exception cref="ImageDecodeException">The resize would take too much memory or time.</exception>
    internal void Resize(ImageSize size, Interpolation filter, Span<byte> target, in DecodeWatch watch)
    {
        PictureSize.Record(Width, Height);
        if (size.Width == Width && size.Height == Height)
        {
            Pixels.Span.CopyTo(target);
            return;
        }
        using var resizer = Resizer.Create(Width, Height, size, filter, watch.Name);
        Resize(resizer, target, in watch);
    }

    private void Resize(Resizer resizer, Span<byte> target, in DecodeWatch watch)
    {
        var (rows, stride) = (RowBands.Rows(Width, Height), Width * 3);
        for (var left = Pixels.Span; !left.IsEmpty;)
        {
            watch.Check();
            var band = left[..Math.Min(left.Length, rows * stride)];
            resizer.Add(band, target);
            left = left[band.Length..];
        }
    }

    /// <summary>Creates an image and returns its memory, which the caller must fill.</summary>
    /// <param name="width">Number of pixels in a row.</param>
    /// <param name="height">Number of rows.</param>
    /// <param name="isPooled">Whether the memory comes from a pool, to which <see cref="ReturnMemory"/> returns it.</param>
    /// <param name="pixels">Memory of the pixels.</param>
    internal static RgbImage Create(int width, int height, bool isPooled, out Span<byte> pixels)
    {
        var length = width * height * 3;
        var memory = isPooled ? BufferPool.Bytes.Rent(length) : GC.AllocateUninitializedArray<byte>(length);
        pixels = memory.AsSpan(0, length);
        return new RgbImage(width, height, memory.AsMemory(0, length)) { _rented = isPooled ? memory : null };
    }

    /// <summary>
    /// Returns pooled memory to the pool, after which the image must not be read. Has no effect on an image with memory of its own.
    /// </summary>
    internal void ReturnMemory()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } memory)
        {
            BufferPool.Bytes.Return(memory);
        }
    }
}
