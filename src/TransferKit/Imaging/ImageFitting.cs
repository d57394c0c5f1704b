using System.Runtime.InteropServices;
using TransferKit.Common;
using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging;

/// <summary>
/// Decodes images of any size and format to the pixels that a backbone expects: bytes or, in <see cref="ResizeMethod"/>s of TensorFlow,
/// floats. Callers keep both in memory of bytes, so that they need not know which.
/// </summary>
internal sealed class ImageFitting(ImageLoadOptions options, ImageSize size)
{
    private readonly ImageResize _resize = options.ResizeTo(size);
    private readonly ImageDecodeOptions _decode = options.DecodeAsInTraining;

    /// <summary>Gets the number of bytes of an image's pixels.</summary>
    public int Length { get; } = options.ResizeTo(size).ByteCount;

    /// <summary>Gets whether the bytes are those of floats.</summary>
    public bool IsFloat => _resize.IsFloat;

    /// <summary>
    /// Reads a file that a folder or a table lists, without decoding it, so that callers can wait for the disk and decode at the same time.
    /// </summary>
    /// <exception cref="ImageDecodeException">The file is empty, no image, or a pipe or device that might never end.</exception>
    public EncodedFile ReadListed(string path)
    {
        var kind = FileKinds.Of(path);
        if (kind == FileKind.Absent && FolderListing.NameError(path) is { } error)
            throw error;
        if (kind is not (FileKind.Regular or FileKind.Absent or FileKind.Folder))
        {
            throw new ImageDecodeException(
                ImageDecodeError.Empty, path, "it is a pipe or a device. Name it by itself to have it read to its end.");
        }
        return EncodedFile.Read(path, options.Decoder, _decode);
    }

    /// <summary>Reads a stream without decoding it.</summary>
    public EncodedFile Read(Stream stream, string name, DateTime modified)
    {
        var file = EncodedFile.Read(stream, name, options.Decoder, _decode);
        file.Modified = modified;
        return file;
    }

    /// <summary>Decodes a file that <see cref="ReadListed"/> or <see cref="Read"/> returned.</summary>
    public void Decode(EncodedFile file, Span<byte> pixels, CancellationToken cancellationToken) =>
        Decode(file.Content, file.Path, pixels, cancellationToken);

    /// <summary>Loads an image that the caller names: a file, or a pipe that is read to its end.</summary>
    public byte[] Load(string path, CancellationToken cancellationToken = default)
    {
        using var file = EncodedFile.Read(path, options.Decoder, _decode);
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
        using var file = EncodedFile.Read(stream, (stream as FileStream)?.Name, options.Decoder, _decode);
        return Load(file.Content, file.Path, cancellationToken);
    }

    public byte[] Load(ReadOnlySpan<byte> encoded, string? name, CancellationToken cancellationToken = default)
    {
        var pixels = new byte[Length];
        Decode(encoded, name, pixels, cancellationToken);
        return pixels;
    }

    /// <summary>Resizes an image. Returns its own pixels if they need no change.</summary>
    public ReadOnlyMemory<byte> Fit(RgbImage image, CancellationToken cancellationToken)
    {
        if (!_resize.IsFloat && _resize.ColorMode == ColorMode.Rgb && (image.Height, image.Width) == (size.Height, size.Width))
            return image.Pixels;
        var pixels = new byte[Length];
        image.Resize(_resize, pixels, DecodeWatch.For(cancellationToken));
        return pixels;
    }

    /// <summary>Copies an image's pixels as floats.</summary>
    public void CopyTo(ReadOnlySpan<byte> pixels, Span<float> floats)
    {
        if (IsFloat)
        {
            MemoryMarshal.Cast<byte, float>(pixels).CopyTo(floats);
            return;
        }
        for (var i = 0; i < pixels.Length; i++)
            floats[i] = pixels[i];
    }

    /// <summary>Preprocesses an image's pixels and converts them to the layout of backbones.</summary>
    public void ToPlanar(ReadOnlySpan<byte> pixels, Span<float> planar, PreprocessMode mode)
    {
        if (IsFloat)
            Preprocess.ToPlanar(MemoryMarshal.Cast<byte, float>(pixels), planar, 1, size.Height, size.Width, mode);
        else
            Preprocess.ToPlanar(pixels, planar, 1, size.Height, size.Width, mode);
    }

    private void Decode(ReadOnlySpan<byte> encoded, string? name, Span<byte> pixels, CancellationToken cancellationToken)
    {
        using var timing = Instrumentation.Decode?.Begin();
        try
        {
            options.Decoder.Decode(encoded, name, _decode, _resize, pixels, cancellationToken);
        }
        catch (Exception e) when (timing?.IsHandled(e) == true || ImageDecodeException.IsOfDecoder(e))
        {
            throw ImageDecodeException.OfDecoder(name, e);
        }
    }
}
