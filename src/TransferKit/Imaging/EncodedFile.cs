using Microsoft.Win32.SafeHandles;

namespace TransferKit.Imaging;

/// <summary>The whole content of an image file, in memory that is lent and goes back when this is disposed.</summary>
internal struct EncodedFile : IDisposable
{
    // More than a decoder needs to tell a format by.
    private const int HeaderBytes = 64;

    private byte[] _bytes;
    private int _length;

    private EncodedFile(string path, byte[] bytes) => (Path, _bytes) = (path, bytes);

    /// <summary>Reads a file, but only if it is an image: beside pictures lie films, too large to be read for nothing.</summary>
    public static EncodedFile Read(string path, IImageDecoder decoder)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        // A stream costs two objects more, but a pipe has no places to read at.
        using var pipe = IsPipe(file) ? new FileStream(file, FileAccess.Read, bufferSize: 0) : null;
        var encoded = new EncodedFile(path, LentMemory.Bytes.Rent(HeaderBytes));
        try
        {
            encoded.ReadUpTo(HeaderBytes, file, pipe);
            if (encoded._length == 0)
                throw ImageDecodeException.Empty(path);
            if (!encoded.IsFor(decoder))
                throw ImageDecodeException.NotAnImage(path);
            encoded.ReadRest(file, pipe);
            return encoded;
        }
        catch
        {
            encoded.Dispose();
            throw;
        }
    }

    public readonly string Path { get; }

    public readonly ReadOnlySpan<byte> Content => _bytes.AsSpan(0, _length);

    public void Dispose()
    {
        LentMemory.Bytes.Return(_bytes);
        _bytes = [];
    }

    private void ReadRest(SafeFileHandle file, FileStream? pipe)
    {
        // One byte more than a file has, so that its end is met without another buffer.
        Grow(pipe is null ? RandomAccess.GetLength(file) + 1 : 2 * HeaderBytes);
        while (ReadUpTo(_bytes.Length, file, pipe))
            Grow(2L * _length);
    }

    // False where the file ends before.
    private bool ReadUpTo(int length, SafeFileHandle file, FileStream? pipe)
    {
        while (_length < length)
        {
            var rest = _bytes.AsSpan(_length, length - _length);
            var read = pipe is null ? RandomAccess.Read(file, rest, _length) : pipe.Read(rest);
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
        if (length > Array.MaxLength)
            throw new IOException($"{Path}: the file has more bytes than the {Array.MaxLength} that can be read.");
        var larger = LentMemory.Bytes.Rent((int)length);
        Content.CopyTo(larger);
        LentMemory.Bytes.Return(_bytes);
        _bytes = larger;
    }

    private readonly bool IsFor(IImageDecoder decoder)
    {
        try
        {
            return decoder.CanDecode(Content);
        }
        catch (Exception e) when (ImageDecodeException.IsOfDecoder(e))
        {
            throw ImageDecodeException.OfDecoder(Path, e);
        }
    }
}
