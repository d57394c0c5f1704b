namespace TransferKit.Imaging;

/// <summary>
/// Pillow's resampling of 8-bit images: columns first into an 8-bit intermediate, then rows; a pass that would not
/// change the size is left out. The result does not depend on which kernel runs.
/// </summary>
internal sealed unsafe class Resampler<TKernel> : Resizer
    where TKernel : IResampleKernel
{
    /// <summary>How far a kernel may read past the last pixel of a row: surplus weights, and loads wider than a pixel.</summary>
    private const int ReadAhead = 16;

    /// <summary>How far a kernel may write past the last pixel of a row of the intermediate.</summary>
    private const int WriteAhead = 4;

    // Pictures of a folder are many, and come one after another on each thread.
    [ThreadStatic]
    private static Resampler<TKernel>? t_idle;

    private int _width;
    private int _targetWidth;
    private int _targetHeight;
    private PackedWeights? _across;
    private PackedWeights? _down;

    // The intermediate: from the first row that the result draws on, all that came, of the result's width.
    private byte[] _between = [];
    private int _stride;
    private int _top;
    private int _bottom;
    private int _taken;
    private int _written;

    private Resampler()
    {
    }

    public static Resampler<TKernel> For(int width, int height, int targetWidth, int targetHeight, Interpolation filter)
    {
        var resampler = t_idle ?? new();
        t_idle = null;
        resampler.Begin(width, height, targetWidth, targetHeight, filter);
        return resampler;
    }

    public override void Add(ReadOnlySpan<byte> rows, Span<byte> target)
    {
        var stride = _width * 3;
        var count = rows.Length / stride;
        var (first, end) = (Math.Max(_taken, _top), Math.Min(_taken + count, _bottom));
        if (first < end)
        {
            AddColumns(rows.Slice((first - _taken) * stride, (end - first) * stride), end - first, _between.AsSpan((first - _top) * _stride));
        }
        _taken += count;
        WriteRows(target);
    }

    public override void Dispose()
    {
        LentMemory.Bytes.Return(_between);
        _across?.Dispose();
        _down?.Dispose();
        t_idle = this;
    }

    private void Begin(int width, int height, int targetWidth, int targetHeight, Interpolation filter)
    {
        (_width, _targetWidth, _targetHeight, _stride) = (width, targetWidth, targetHeight, (targetWidth * 3) + WriteAhead);
        (_taken, _written) = (0, 0);
        (_across, _down) = (null, null);
        (_top, _bottom) = (0, height);
        if (height != targetHeight)
        {
            var down = ResampleWeights.Create(height, targetHeight, filter).Pack<TKernel>();
            _down = down;
            _top = down.First(0);
            _bottom = down.End(targetHeight - 1);
        }
        if (width != targetWidth)
        {
            _across = ResampleWeights.Create(width, targetWidth, filter).Pack<TKernel>();
        }
        var size = (long)_stride * (_bottom - _top);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Array.MaxLength, nameof(targetWidth));
        _between = LentMemory.Bytes.Rent((int)size);
    }

    private void AddColumns(ReadOnlySpan<byte> source, int rows, Span<byte> target)
    {
        var stride = _width * 3;
        if (_across is not { } weights)
        {
            for (var y = 0; y < rows; y++)
            {
                source.Slice(y * stride, stride).CopyTo(target[(y * _stride)..]);
            }
            return;
        }
        // The last rows are read from a copy with room behind it, so that no kernel leaves the caller's memory.
        var inPlace = Math.Clamp((source.Length - ReadAhead) / stride, 0, rows);
        fixed (byte* from = source, to = target)
        {
            TKernel.Columns(from, stride, inPlace, weights, to, _stride);
            var left = source[(inPlace * stride)..];
            var rented = LentMemory.Bytes.Rent(left.Length + ReadAhead);
            left.CopyTo(rented);
            fixed (byte* tail = rented)
            {
                TKernel.Columns(tail, stride, rows - inPlace, weights, to + ((nint)inPlace * _stride), _stride);
            }
            LentMemory.Bytes.Return(rented);
        }
    }

    private void WriteRows(Span<byte> target)
    {
        var length = _targetWidth * 3;
        fixed (byte* between = _between, to = target)
        {
            for (; _written < _targetHeight && LastOf(_written) <= _taken; _written++)
            {
                if (_down is { } weights)
                {
                    var first = between + ((nint)(weights.First(_written) - _top) * _stride);
                    TKernel.Row(first, _stride, weights, _written, to + ((nint)_written * length), length);
                }
                else
                {
                    _between.AsSpan(_written * _stride, length).CopyTo(target[(_written * length)..]);
                }
            }
        }
    }

    /// <summary>The end of the rows that a row of the result draws on.</summary>
    private int LastOf(int row) => _down is { } weights ? weights.End(row) : row + 1;
}
