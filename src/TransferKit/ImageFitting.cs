using TransferKit.Imaging;

namespace TransferKit;

/// <summary>Images of any size and encoding to the pixels that a backbone takes, in memory of the caller's.</summary>
internal sealed class ImageFitting(ImageLoadOptions options, ImageSize size)
{
    /// <summary>How many bytes an image has.</summary>
    public int Length { get; } = checked(size.Height * size.Width * 3);

    /// <summary>The part that waits for a disk or a network.</summary>
    public EncodedFile Read(string path) => EncodedFile.Read(path, options.Decoder);

    /// <summary>The part that takes a processor.</summary>
    public void Decode(EncodedFile file, Span<byte> pixels) => Decode(file.Content, file.Path, pixels);

    public byte[] Load(string path)
    {
        using var file = Read(path);
        return Load(file.Content, path);
    }

    public byte[] Load(ReadOnlySpan<byte> encoded, string? name)
    {
        var pixels = new byte[Length];
        Decode(encoded, name, pixels);
        return pixels;
    }

    public ReadOnlySpan<byte> Fit(RgbImage image) => image.Resize(size.Width, size.Height, options.Interpolation).Pixels.Span;

    private void Decode(ReadOnlySpan<byte> encoded, string? name, Span<byte> pixels)
    {
        try
        {
            if (options.Decoder is SkiaImageDecoder)
                SkiaImageDecoder.Decode(encoded, name, options.Decode, size, options.Interpolation, pixels);
            else
                options.Decoder.Decode(encoded, name, options.Decode).Resize(size.Width, size.Height, options.Interpolation, pixels);
        }
        catch (Exception e) when (ImageDecodeException.IsOfDecoder(e))
        {
            throw ImageDecodeException.OfDecoder(name, e);
        }
    }
}
