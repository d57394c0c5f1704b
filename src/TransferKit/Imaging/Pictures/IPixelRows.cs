using TransferKit.Common;
using TransferKit.Imaging.Resizing;

namespace TransferKit.Imaging.Pictures;

/// <summary>Receives a picture's rows from a decoder, top down and some at a time.</summary>
internal interface IPixelRows
{
    /// <summary>Returns the memory for the next rows, <paramref name="bytes"/> bytes in all.</summary>
    Span<byte> Next(int bytes);

    /// <summary>Returns whether a row of the picture has any effect on the result. Other rows may be left as they are in memory.</summary>
    bool Needs(int row);

    /// <summary>Marks the rows of the last <see cref="Next"/> as written.</summary>
    void Written();
}

/// <summary>Collects all rows in memory for the whole picture.</summary>
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

    public readonly bool Needs(int row) => true;

    public readonly void Written()
    {
    }
}

/// <summary>Resizes rows as they are decoded.</summary>
internal ref struct ResizedRows(Resizer resizer, Span<byte> target) : IPixelRows
{
    private readonly Span<byte> _target = target;
    private byte[] _rented = [];
    private int _length;

    public Span<byte> Next(int bytes)
    {
        if (_rented.Length < bytes)
        {
            ReturnMemory();
            _rented = BufferPool.Bytes.Rent(bytes);
        }
        _length = bytes;
        return _rented.AsSpan(0, bytes);
    }

    public readonly bool Needs(int row) => resizer.Needs(row);

    public readonly void Written() => resizer.Add(_rented.AsSpan(0, _length), _target);

    public void ReturnMemory()
    {
        BufferPool.Bytes.Return(_rented);
        _rented = [];
    }
}

/// <summary>
/// Determines the number of rows that are decoded together: few enough to stay in the processor's cache until they are used.
/// </summary>
internal static class RowBands
{
    private const int Bytes = 1 << 17;

    public static int Rows(int width, int height) => Math.Clamp(Bytes / (width * 3), 1, height);
}
