namespace TransferKit.WeightSources.Files;

/// <summary>
/// A part of a stream that can seek, read in place. Parts of one stream share its position, so that only one is read at a time.
/// </summary>
/// <param name="whole">The stream, which the section disposes.</param>
/// <param name="start">Where the section starts in it.</param>
/// <param name="length">The section's length in bytes.</param>
internal sealed class StreamSection(Stream whole, long start, long length) : Stream
{
    private long _position;

    /// <summary>The stream that the section is part of.</summary>
    public Stream Whole => whole;

    /// <summary>Where the section starts in <see cref="Whole"/>.</summary>
    public long Start => start;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => length;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int Read(Span<byte> buffer)
    {
        var rest = Math.Min(buffer.Length, length - _position);
        if (rest <= 0)
            return 0;
        whole.Position = start + _position;
        var read = whole.Read(buffer[..(int)rest]);
        _position += read;
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = checked(offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => _position,
        _ => length,
    });

    public override void Flush() { }
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            whole.Dispose();
        base.Dispose(disposing);
    }
}
