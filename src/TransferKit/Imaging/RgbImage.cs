namespace TransferKit.Imaging;

/// <summary>A picture as plain pixels: rows from the top, three bytes (red, green, blue) a pixel, no padding.</summary>
/// <remarks>
/// Nothing in TransferKit writes to the pixels of an image, so an image may be shared between threads as long as its
/// owner does not write to them either.
/// </remarks>
public sealed class RgbImage
{
    private byte[]? lent;

    private RgbImage(int width, int height, ReadOnlyMemory<byte> pixels)
    {
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Pixels in a row; at least 1.</summary>
    public int Width { get; }

    /// <summary>Rows; at least 1.</summary>
    public int Height { get; }

    /// <summary>The bytes, <c>(height, width, 3)</c> row-major, red first, 0 to 255.</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>Wraps RGB24 pixels from any source: ImageSharp, System.Drawing, a camera.</summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="pixels">The bytes, <c>(height, width, 3)</c> row-major, red first. They are not copied.</param>
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

    /// <summary>Reads an image file (Keras: <c>load_img</c> without <c>target_size</c>).</summary>
    /// <param name="path">A JPEG, PNG, WebP, BMP, GIF (first frame) or TIFF (first page); told by content, not by name.</param>
    /// <param name="options">Limits and orientation; Keras' ways when left out.</param>
    /// <param name="decoder">What reads it; a <see cref="SkiaImageDecoder"/> when left out.</param>
    /// <exception cref="ImageDecodeException">The file is empty, cut off, too large or no image, or its decoder failed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static RgbImage Load(string path, ImageDecodeOptions? options = null, IImageDecoder? decoder = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        decoder ??= new SkiaImageDecoder();
        using var file = EncodedFile.Read(path, decoder);
        try
        {
            return decoder.Decode(file.Content, path, options ?? new());
        }
        catch (Exception e) when (ImageDecodeException.IsOfDecoder(e))
        {
            throw ImageDecodeException.OfDecoder(path, e);
        }
    }

    /// <summary>The same picture at another size, byte for byte what Pillow's <c>Image.resize</c> gives.</summary>
    /// <param name="width">Pixels in a row of the result.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="filter">How pixels are weighed.</param>
    /// <returns>A new image, or this one when it has that size already.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A side is less than 1, the filter is unknown, or the result would pass 2 GB.</exception>
    public RgbImage Resize(int width, int height, Interpolation filter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height * 3, Array.MaxLength, nameof(width));
        if (!Enum.IsDefined(filter))
        {
            throw new ArgumentOutOfRangeException(nameof(filter), filter, "Not one of Pillow's six filters.");
        }
        if (width == Width && height == Height)
        {
            return this;
        }
        var resized = Create(width, height, isLent: false, out var pixels);
        Resize(width, height, filter, pixels);
        return resized;
    }

    /// <summary>The same picture at another size, or its own, into memory of the caller's.</summary>
    internal void Resize(int width, int height, Interpolation filter, Span<byte> target)
    {
        if (width == Width && height == Height)
        {
            Pixels.Span.CopyTo(target);
            return;
        }
        using var resizer = Resizer.Create(Width, Height, width, height, filter);
        resizer.Add(Pixels.Span, target);
    }

    /// <summary>An image whose pixels are to be written.</summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="isLent">Whether its memory goes back, by <see cref="GiveBack"/>, to be another image's.</param>
    /// <param name="pixels">What to write to.</param>
    internal static RgbImage Create(int width, int height, bool isLent, out Span<byte> pixels)
    {
        var length = width * height * 3;
        var memory = isLent ? LentMemory.Bytes.Rent(length) : GC.AllocateUninitializedArray<byte>(length);
        pixels = memory.AsSpan(0, length);
        return new RgbImage(width, height, memory.AsMemory(0, length)) { lent = isLent ? memory : null };
    }

    /// <summary>Gives lent memory back: nobody may read the image any more. Does nothing to an image of its own memory.</summary>
    internal void GiveBack()
    {
        if (Interlocked.Exchange(ref lent, null) is { } memory)
        {
            LentMemory.Bytes.Return(memory);
        }
    }
}
