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
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        var encoded = new EncodedFile(path, LentMemory.Bytes.Rent(HeaderBytes));
        try
        {
            encoded._length = file.ReadAtLeast(encoded._bytes.AsSpan(0, HeaderBytes), HeaderBytes, throwOnEndOfStream: false);
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

    private void ReadRest(FileStream file)
    {
        // A pipe tells no length. One byte more than a file has, so that its end is met without another buffer.
        Grow(file.CanSeek ? file.Length + 1 : 2 * HeaderBytes);
        while (file.Read(_bytes.AsSpan(_length)) is > 0 and var read)
        {
            _length += read;
            if (_length == _bytes.Length)
                Grow(2L * _length);
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
