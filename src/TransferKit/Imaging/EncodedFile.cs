using Microsoft.Win32.SafeHandles;

namespace TransferKit.Imaging;

/// <summary>The whole content of an image file, in memory that is lent and goes back when this is disposed.</summary>
internal sealed class EncodedFile : IDisposable
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
        var encoded = new EncodedFile(path, LentMemory.Bytes.Rent(HeaderBytes));
        try
        {
            encoded.ReadUpTo(HeaderBytes, file);
            if (encoded._length == 0)
                throw ImageDecodeException.Empty(path);
            if (!encoded.IsFor(decoder))
                throw ImageDecodeException.NotAnImage(path);
            encoded.ReadRest(file);
            return encoded;
        }
        catch
        {
            encoded.Dispose();
            throw;
        }
    }

    public string Path { get; }

    public ReadOnlySpan<byte> Content => _bytes.AsSpan(0, _length);

    public void Dispose()
    {
        LentMemory.Bytes.Return(_bytes);
        _bytes = [];
    }

    private void ReadRest(SafeFileHandle file)
    {
        // One byte more than a file has, so that its end is met without another buffer.
        Grow(LengthOf(file) + 1);
        ReadUpTo(_bytes.Length, file);
        while (_length == _bytes.Length)
        {
            Grow(2L * _length);
            ReadUpTo(_bytes.Length, file);
        }
    }

    private void ReadUpTo(int length, SafeFileHandle file)
    {
        while (_length < length && RandomAccess.Read(file, _bytes.AsSpan(_length, length - _length), _length) is > 0 and var read)
            _length += read;
    }

    private static long LengthOf(SafeFileHandle file)
    {
        try
        {
            return RandomAccess.GetLength(file);
        }
        catch (NotSupportedException)
        {
            // A pipe tells none.
            return HeaderBytes;
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

    private bool IsFor(IImageDecoder decoder)
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
