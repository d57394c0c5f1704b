using TransferKit.Common;

namespace TransferKit.Imaging.Resizing;

/// <summary>Makes rows grey before they are resized, with the rounding of Pillow's <c>convert("L")</c>.</summary>
internal sealed class GreyResizer(Resizer inner) : Resizer
{
    private byte[] _grey = [];

    public override void Add(ReadOnlySpan<byte> rows, Span<byte> target)
    {
        if (_grey.Length < rows.Length)
        {
            BufferPool.Bytes.Return(_grey);
            _grey = BufferPool.Bytes.Rent(rows.Length);
        }
        var grey = _grey.AsSpan(0, rows.Length);
        for (var i = 0; i < rows.Length; i += 3)
        {
            var luminance = (byte)(((19595 * rows[i]) + (38470 * rows[i + 1]) + (7471 * rows[i + 2]) + 0x8000) >> 16);
            (grey[i], grey[i + 1], grey[i + 2]) = (luminance, luminance, luminance);
        }
        inner.Add(grey, target);
    }

    public override bool Needs(int row) => inner.Needs(row);

    public override void Dispose()
    {
        BufferPool.Bytes.Return(_grey);
        _grey = [];
        inner.Dispose();
    }
}
