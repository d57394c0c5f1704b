using System.Runtime.InteropServices;
using TransferKit.Common;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Allocates parts that begin on a cache line from a pinned block of pooled memory.</summary>
internal unsafe struct JpegMemory : IDisposable
{
    /// <summary>The number of bytes before and after each row of samples, within which vector loops may read and write.</summary>
    public const int Margin = 64;

    private const int Line = 64;

    private readonly byte[] _rented;
    private readonly int _end;
    private GCHandle _pin;
    private int _used;

    public JpegMemory(int bytes)
    {
        _end = bytes + Line;
        _rented = BufferPool.Bytes.Rent(_end);
        _pin = GCHandle.Alloc(_rented, GCHandleType.Pinned);
        _used = (int)(-_pin.AddrOfPinnedObject() & (Line - 1));
    }

    /// <summary>Returns the size of a part, rounded up to whole cache lines.</summary>
    public static long Rounded(long bytes) => (bytes + Line - 1) & -Line;

    /// <summary>Allocates the next part, whose content is undefined.</summary>
    public byte* Take(long bytes)
    {
        var part = (byte*)_pin.AddrOfPinnedObject() + _used;
        _used = checked((int)(_used + Rounded(bytes)));
        return _used <= _end ? part : throw new InvalidOperationException("The parts exceed the size of the block.");
    }

    public void Dispose()
    {
        if (_pin.IsAllocated)
        {
            _pin.Free();
            BufferPool.Bytes.Return(_rented);
        }
    }
}
