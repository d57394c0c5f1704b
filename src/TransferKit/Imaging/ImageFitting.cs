using TransferKit.Common;
using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging;

/// <summary>Decodes images of any size and format to the pixels that a backbone expects.</summary>
internal sealed class ImageFitting(ImageLoadOptions options, ImageSize size)
{
    /// <summary>Gets the number of bytes of an image.</summary>
    public int Length { get; } = checked(size.Height * size.Width * 3);

    /// <summary>
    /// Reads a file that a folder or a table lists, without decoding it, so that callers can wait for the disk and decode at the same time.
    /// </summary>
    /// <exception cref="ImageDecodeException">The file is empty, no image, or a pipe or device that might never end.</exception>
    public EncodedFile ReadListed(string path)
    {
        if (FileKinds.Of(path) is not (FileKind.Regular or FileKind.Absent or FileKind.Folder))
        {
            throw new ImageDecodeException(
                ImageDecodeError.Empty, path, "it is a pipe or a device. Name it by itself to have it read to its end.");
        }
        return EncodedFile.Read(path, options.Decoder, options.Decode);
    }

    /// <summary>Decodes a file that <see cref="ReadListed"/> returned.</summary>
    public void Decode(EncodedFile file, Span<byte> pixels, CancellationToken cancellationToken) =>
        Decode(file.Content, file.Path, pixels, cancellationToken);

    /// <summary>Loads an image that the caller names: a file, or a pipe that is read to its end.</summary>
    public byte[] Load(string path, CancellationToken cancellationToken = default)
    {
        using var file = EncodedFile.Read(path, options.Decoder, options.Decode);
        return Load(file.Content, path, cancellationToken);
    }

    /// <summary>Loads an image that a folder or a table lists.</summary>
    /// <inheritdoc cref="ReadListed" path="/exception"/>
    public byte[] LoadListed(string path, CancellationToken cancellationToken = default)
    {
        using var file = ReadListed(path);
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
