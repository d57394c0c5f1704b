using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging;

/// <summary>Decodes images of any size and format to the pixels that a backbone expects.</summary>
internal sealed class ImageFitting(ImageLoadOptions options, ImageSize size)
{
    /// <summary>Gets the number of bytes of an image.</summary>
    public int Length { get; } = checked(size.Height * size.Width * 3);

    /// <summary>Reads a file without decoding it, so that callers can wait for the disk and decode at the same time.</summary>
    public EncodedFile Read(string path) => EncodedFile.Read(path, options.Decoder, options.Decode);

    /// <summary>Reads a stream without decoding it.</summary>
    public EncodedFile Read(Stream stream, string name, DateTime modified)
    {
        var file = EncodedFile.Read(stream, name, options.Decoder, options.Decode);
        file.Modified = modified;
        return file;
    }

    /// <summary>Decodes a file that <see cref="Read(string)"/> returned.</summary>
    public void Decode(EncodedFile file, Span<byte> pixels, CancellationToken cancellationToken) =>
        Decode(file.Content, file.Path, pixels, cancellationToken);

    public byte[] Load(string path, CancellationToken cancellationToken = default)
    {
        using var file = Read(path);
        return Load(file.Content, path, cancellationToken);
    }

    public byte[] Load(Stream stream, CancellationToken cancellationToken)
    {
        using var file = EncodedFile.Read(stream, (stream as FileStream)?.Name, options.Decoder, options.Decode);
        return Load(file.Content, file.Path, cancellationToken);
    }

    public byte[] Load(ReadOnlySpan<byte> encoded, string? name, CancellationToken cancellationToken = default)
    {
        var pixels = new byte[Length];
        Decode(encoded, name, pixels, cancellationToken);
        return pixels;
    }

    public ReadOnlySpan<byte> Fit(RgbImage image, CancellationToken cancellationToken) =>
        image.Resize(size.Width, size.Height, options.Interpolation, DecodeWatch.For(cancellationToken)).Pixels.Span;

    private void Decode(ReadOnlySpan<byte> encoded, string? name, Span<byte> pixels, CancellationToken cancellationToken)
    {
        try
        {
            options.Decoder.Decode(encoded, name, options.Decode, size, options.Interpolation, pixels, cancellationToken);
        }
        catch (Exception e) when (ImageDecodeException.IsOfDecoder(e))
        {
            throw ImageDecodeException.OfDecoder(name, e);
        }
    }
}
