using TransferKit.Common;
using TransferKit.Imaging.Resizing;

namespace TransferKit.Imaging.Pictures;

/// <summary>Where a decoder puts a picture's rows, from the top down, some at a time.</summary>
internal interface IPixelRows
{
    /// <summary>The place for the next rows, of <paramref name="bytes"/> in all.</summary>
    Span<byte> Next(int bytes);

    /// <summary>Tells that those rows are written.</summary>
    void Written();
}

/// <summary>Keeps all rows, in memory for the whole picture.</summary>
internal ref struct WholePicture(Span<byte> pixels) : IPixelRows
{
    private readonly Span<byte> _pixels = pixels;
    private int _length;

    public Span<byte> Next(int bytes)
    {
        var rows = _pixels.Slice(_length, bytes);
        _length += bytes;
        return rows;
    }

    public readonly void Written()
    {
    }
}

/// <summary>Resizes rows as they come.</summary>
internal ref struct ResizedRows(Resizer resizer, Span<byte> target) : IPixelRows
{
    private readonly Span<byte> _target = target;
    private byte[] _lent = [];
    private int _length;

    public Span<byte> Next(int bytes)
    {
        if (_lent.Length < bytes)
        {
            GiveBack();
            _lent = LentMemory.Bytes.Rent(bytes);
        }
        _length = bytes;
        return _lent.AsSpan(0, bytes);
    }

    public readonly void Written() => resizer.Add(_lent.AsSpan(0, _length), _target);

    public void GiveBack()
    {
        LentMemory.Bytes.Return(_lent);
        _lent = [];
    }
}

/// <summary>Rows that are decoded together, so few that they stay in the processor's cache until they are used.</summary>
internal static class RowBands
{
    private const int Bytes = 1 << 17;

    public static int Rows(int width, int height) => Math.Clamp(Bytes / (width * 3), 1, height);
}
