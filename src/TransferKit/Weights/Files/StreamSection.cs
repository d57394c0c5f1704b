namespace TransferKit.WeightSources.Files;

/// <summary>
/// Represents a part of a seekable stream, read in place. Sections of one stream share its position, so only one can be read at a time.
/// </summary>
/// <param name="whole">The stream, which the section disposes.</param>
/// <param name="start">The position in the stream at which the section starts.</param>
/// <param name="length">The section's length in bytes.</param>
/// <param name="leaveOpen">Whether the stream stays open when the section is disposed.</param>
internal sealed class StreamSection(Stream whole, long start, long length, bool leaveOpen = false) : Stream
{
    private long _position;

    /// <summary>Gets the stream that the section is part of.</summary>
    public Stream Whole => whole;

    /// <summary>Gets the position in <see cref="Whole"/> at which the section starts.</summary>
    public long Start => start;

    /// <summary>Gets the same section, whose disposal leaves the stream open.</summary>
    public StreamSection LeavingWhole() => new(whole, start, length, leaveOpen: true);

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
        if (disposing && !leaveOpen)
            whole.Dispose();
        base.Dispose(disposing);
    }
}
