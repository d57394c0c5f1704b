using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;
using TransferKit.Common;
using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging;

/// <summary>Represents the content of an image file in pooled memory, which <see cref="Dispose"/> returns.</summary>
internal struct EncodedFile : IDisposable
{
    // Enough bytes to detect any supported format.
    private const int HeaderBytes = 64;

    private byte[] _bytes;
    private int _length;

    private EncodedFile(string? path, byte[] bytes) => (Path, _bytes) = (path, bytes);

    /// <summary>
    /// Reads a file if the decoder accepts its first bytes. Other files, such as films beside the pictures, may be too large to read in
    /// vain.
    /// </summary>
    public static EncodedFile Read(string path, IImageDecoder decoder, ImageDecodeOptions options)
    {
        using var file = InputFile.OpenMaybePipe(path);
        // Offsets avoid the objects of a stream, but a pipe supports only sequential reads.
        using var pipe = IsPipe(file) ? new FileStream(file, FileAccess.Read, bufferSize: 0) : null;
        return Read(path, pipe is null ? file : null, pipe, decoder, options);
    }

    /// <summary>Reads a stream to its end if the decoder accepts its first bytes.</summary>
    public static EncodedFile Read(Stream stream, string? name, IImageDecoder decoder, ImageDecodeOptions options) =>
        Read(name, file: null, stream, decoder, options);

    private static EncodedFile Read(string? path, SafeFileHandle? file, Stream? stream, IImageDecoder decoder, ImageDecodeOptions options)
    {
        using var timing = Instrumentation.Read?.Begin();
        var encoded = new EncodedFile(path, BufferPool.Bytes.Rent(HeaderBytes));
        try
        {
            var length = file is null ? 0 : RandomAccess.GetLength(file);
            encoded.Modified = file is null ? null : File.GetLastWriteTimeUtc(file);
            encoded.ReadUpTo(HeaderBytes, file, stream);
            if (encoded._length == 0)
                throw ImageDecodeException.Empty(path);
            if (!encoded.IsFor(decoder, out var declined))
                throw declined;
            encoded.ReadRest(file, stream, options);
            encoded.ThrowIfChanged(file, length);
            return encoded;
        }
        catch (Exception e)
        {
            timing?.IsHandled(e);
            encoded.Dispose();
            throw;
        }
    }

    public readonly string? Path { get; }

    /// <summary>Gets the time of the file's last change, in UTC; null for a stream, until its source sets it.</summary>
    public DateTime? Modified { get; set; }

    public readonly ReadOnlySpan<byte> Content => _bytes.AsSpan(0, _length);

    public void Dispose()
    {
        BufferPool.Bytes.Return(_bytes);
        _bytes = [];
    }

    private void ReadRest(SafeFileHandle? file, Stream? stream, ImageDecodeOptions options)
    {
        var length = file is null ? _length : RandomAccess.GetLength(file);
        ImageLimits.CheckBytes(length, Path, options);
        // One spare byte lets the last read find the end of the file without a larger buffer.
        Grow(file is null ? 2 * HeaderBytes : length + 1);
        while (ReadUpTo(_bytes.Length, file, stream))
        {
            ImageLimits.CheckBytes(_length, Path, options);
            Grow(2L * _length);
        }
        ImageLimits.CheckBytes(_length, Path, options);
    }

    // The bytes of a file that another process writes meanwhile may be a mixture of its old and its new content.
    private readonly void ThrowIfChanged(SafeFileHandle? file, long length)
    {
        if (file is not null && (RandomAccess.GetLength(file) != length || File.GetLastWriteTimeUtc(file) != Modified))
            throw new ImageDecodeException(ImageDecodeError.Changed, Path, "the file was changed while it was read. Read it again.");
    }

    // Returns false if the file ends before the length.
    private bool ReadUpTo(int length, SafeFileHandle? file, Stream? stream)
    {
        while (_length < length)
        {
            var rest = _bytes.AsSpan(_length, length - _length);
            var read = file is null ? stream!.Read(rest) : RandomAccess.Read(file, rest, _length);
            if (read == 0)
                return false;
            _length += read;
        }
        return true;
    }

    private static bool IsPipe(SafeFileHandle file)
    {
        try
        {
            RandomAccess.GetLength(file);
            return false;
        }
        catch (NotSupportedException)
        {
            return true;
        }
    }

    private void Grow(long length)
    {
        // Doubling may exceed the largest array although the content does not.
        if (length > Array.MaxLength && _length == Array.MaxLength)
        {
            throw new IOException(Printable.Of(
                $"{Path}: the file has more than {Array.MaxLength} bytes, which is too large to read. Shrink the image."));
        }
        var larger = BufferPool.Bytes.Rent((int)Math.Min(length, Array.MaxLength));
        Content.CopyTo(larger);
        BufferPool.Bytes.Return(_bytes);
        _bytes = larger;
    }

    private readonly bool IsFor(IImageDecoder decoder, [NotNullWhen(false)] out ImageDecodeException? declined)
    {
        try
        {
            declined = decoder.CanDecode(Content) ? null : decoder.Declined(Content, Path);
            return declined is null;
        }
        catch (Exception e) when (ImageDecodeException.IsOfDecoder(e))
        {
            throw ImageDecodeException.OfDecoder(Path, e);
        }
    }
}
