using System.Runtime.InteropServices;
using SkiaSharp;
using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Skia;

/// <summary>
/// Feeds a picture's bytes to a Skia codec until a decoding is cancelled or out of time. The codec then finds the end of the file, which
/// ends its call within a few kilobytes of input; only afterwards may an exception be thrown.
/// </summary>
/// <param name="bytes">Content of the file, which must stay there until the codec is disposed.</param>
/// <param name="length">Number of bytes.</param>
internal sealed unsafe class WatchedBytes(byte* bytes, int length) : SKAbstractManagedStream
{
    private DecodeWatch? _watch;
    private int _position;

    /// <summary>Sets the watch of the decoding that follows. A header is read without one.</summary>
    public void Watch(in DecodeWatch watch) => _watch = watch;

    // A null buffer asks to skip.
    protected override nint OnRead(nint buffer, nint size)
    {
        var count = _watch is { IsOver: true } ? 0 : (int)Math.Clamp(size, 0, length - _position);
        if (buffer != 0)
            NativeMemory.Copy(bytes + _position, (void*)buffer, (nuint)count);
        _position += count;
        return count;
    }

    protected override nint OnPeek(nint buffer, nint size)
    {
        var count = (int)Math.Clamp(size, 0, length - _position);
        NativeMemory.Copy(bytes + _position, (void*)buffer, (nuint)count);
        return count;
    }

    protected override bool OnIsAtEnd() => _position == length;

    protected override bool OnHasPosition() => true;

    protected override bool OnHasLength() => true;

    protected override nint OnGetPosition() => _position;

    protected override nint OnGetLength() => length;

    protected override bool OnRewind() => OnSeek(0);

    protected override bool OnSeek(nint position)
    {
        _position = (int)Math.Clamp(position, 0, length);
        return true;
    }

    protected override bool OnMove(int offset) => OnSeek(_position + (nint)offset);

    protected override nint OnCreateNew() => 0;
}
