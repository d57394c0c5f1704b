using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;
using TransferKit.Common;
using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging;

/// <summary>The whole content of an image file, in memory that is lent and goes back when this is disposed.</summary>
internal struct EncodedFile : IDisposable
{
    // More than a decoder needs to tell a format by.
    private const int HeaderBytes = 64;

    private byte[] _bytes;
    private int _length;

    private EncodedFile(string? path, byte[] bytes) => (Path, _bytes) = (path, bytes);

    /// <summary>Reads a file, but only if it is an image: beside pictures lie films, too large to be read for nothing.</summary>
    public static EncodedFile Read(string path, IImageDecoder decoder, ImageDecodeOptions options)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        // A stream costs two objects more, but a pipe has no places to read at.
        using var pipe = IsPipe(file) ? new FileStream(file, FileAccess.Read, bufferSize: 0) : null;
        return Read(path, pipe is null ? file : null, pipe, decoder, options);
    }

    /// <summary>Reads a stream to its end, but only if it is an image.</summary>
    public static EncodedFile Read(Stream stream, string? name, IImageDecoder decoder, ImageDecodeOptions options) =>
        Read(name, file: null, stream, decoder, options);

    private static EncodedFile Read(string? path, SafeFileHandle? file, Stream? stream, IImageDecoder decoder, ImageDecodeOptions options)
    {
        var encoded = new EncodedFile(path, LentMemory.Bytes.Rent(HeaderBytes));
        try
        {
            encoded.ReadUpTo(HeaderBytes, file, stream);
            if (encoded._length == 0)
                throw ImageDecodeException.Empty(path);
            if (!encoded.IsFor(decoder, out var declined))
                throw declined;
            encoded.ReadRest(file, stream, options);
            return encoded;
        }
        catch
        {
            encoded.Dispose();
            throw;
        }
    }

    public readonly string? Path { get; }

    public readonly ReadOnlySpan<byte> Content => _bytes.AsSpan(0, _length);

    public void Dispose()
    {
        LentMemory.Bytes.Return(_bytes);
        _bytes = [];
    }

    private void ReadRest(SafeFileHandle? file, Stream? stream, ImageDecodeOptions options)
    {
        var length = file is null ? _length : RandomAccess.GetLength(file);
        ImageLimits.CheckBytes(length, Path, options);
        // One byte more than a file has, so that its end is met without another buffer.
        Grow(file is null ? 2 * HeaderBytes : length + 1);
        while (ReadUpTo(_bytes.Length, file, stream))
        {
            ImageLimits.CheckBytes(_length, Path, options);
            Grow(2L * _length);
        }
        ImageLimits.CheckBytes(_length, Path, options);
    }

    // False where the file ends before.
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
        // Doubling may pass what an array holds, though the content does not.
        if (length > Array.MaxLength && _length == Array.MaxLength)
            throw new IOException($"{Path}: the file has more bytes than the {Array.MaxLength} that can be read.");
        var larger = LentMemory.Bytes.Rent((int)Math.Min(length, Array.MaxLength));
        Content.CopyTo(larger);
        LentMemory.Bytes.Return(_bytes);
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
