using Microsoft.Win32.SafeHandles;

namespace TransferKit.Features;

/// <summary>Reads a part of a file. Several threads read parts of the same file at once.</summary>
internal sealed class FileSection(SafeFileHandle file, long start, long length) : ReadStream
{
    private long _at;

    public override int Read(Span<byte> buffer)
    {
        var read = RandomAccess.Read(file, buffer[..(int)Math.Min(buffer.Length, length - _at)], start + _at);
        _at += read;
        return read;
    }
}
