using System.Runtime.InteropServices;
using TransferKit.Common;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Lent memory that stays where it is, handed out from its front in parts that begin on a cache line.</summary>
internal unsafe struct JpegMemory : IDisposable
{
    /// <summary>Bytes before and after each row of samples. Loops over vectors begin and end within it.</summary>
    public const int Margin = 64;

    private const int Line = 64;

    private readonly byte[] _lent;
    private readonly int _end;
    private GCHandle _pin;
    private int _used;

    public JpegMemory(int bytes)
    {
        _end = bytes + Line;
        _lent = LentMemory.Bytes.Rent(_end);
        _pin = GCHandle.Alloc(_lent, GCHandleType.Pinned);
        _used = (int)(-_pin.AddrOfPinnedObject() & (Line - 1));
    }

    /// <summary>What a part of so many bytes takes.</summary>
    public static long Rounded(long bytes) => (bytes + Line - 1) & -Line;

    /// <summary>The next part; its bytes are whatever they were.</summary>
    public byte* Take(long bytes)
    {
        var part = (byte*)_pin.AddrOfPinnedObject() + _used;
        _used = checked((int)(_used + Rounded(bytes)));
        return _used <= _end ? part : throw new InvalidOperationException("More than was asked for.");
    }

    public void Dispose()
    {
        if (_pin.IsAllocated)
        {
            _pin.Free();
            LentMemory.Bytes.Return(_lent);
        }
    }
}
